// Objects by which processes meet without a common file: System V, POSIX queues, abstract sockets, keyrings.
#include "hostile.h"
#include <mqueue.h>
#include <stddef.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/un.h>

// ipc make|find|remove KEY
int ipc_objects(int argc, char **argv) {
  if (argc < 3) return 64;
  key_t key = atoi(argv[2]);
  int make = strcmp(argv[1], "make") ? 0 : IPC_CREAT | IPC_EXCL | 0666;
  char name[64];
  snprintf(name, sizeof name, "/quilt-test-%d", key);
  int shm = shmget(key, make ? 4096 : 0, make), msg = msgget(key, make), sem = semget(key, make ? 1 : 0, make);
  if (!strcmp(argv[1], "remove")) {
    shmctl(shm, IPC_RMID, NULL), msgctl(msg, IPC_RMID, NULL), semctl(sem, 0, IPC_RMID), mq_unlink(name);
    return 0;
  }
  report("shm", shmget(key, 0, 0));
  report("msg", msgget(key, 0));
  report("sem", semget(key, 0, 0));
  report("mqueue", mq_open(name, make ? O_CREAT | O_RDWR : O_RDWR, 0666, NULL));
  return 0;
}

// abstract listen|connect NAME; a listener says so and waits to be killed.
int abstract_socket(int argc, char **argv) {
  if (argc < 3) return 64;
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strncpy(address.sun_path + 1, argv[2], sizeof address.sun_path - 2);
  socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(argv[2]));
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  if (!strcmp(argv[1], "connect")) {
    report("connect", connect(fd, (struct sockaddr *)&address, length));
    return 0;
  }
  if (bind(fd, (struct sockaddr *)&address, length) < 0 || listen(fd, 8) < 0) return 1;
  puts("listening");
  for (;;) pause();
}

// peer PATH UID REQUEST: as that user, sends a request to the shim's socket and says how many bytes of answer came.
int peer_request(int argc, char **argv) {
  if (argc < 4) return 64;
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strncpy(address.sun_path, argv[1], sizeof address.sun_path - 1);
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  if (setresgid((gid_t)atoi(argv[2]), (gid_t)atoi(argv[2]), (gid_t)atoi(argv[2])) || setresuid((uid_t)atoi(argv[2]), (uid_t)atoi(argv[2]), (uid_t)atoi(argv[2]))) return 1;
  int connected = connect(fd, (struct sockaddr *)&address, sizeof address);
  report("connect", connected);
  if (connected < 0) return 0;
  unsigned length = (unsigned)strlen(argv[3]);
  unsigned char header[8] = {(unsigned char)length, (unsigned char)(length >> 8), 0, 0, 1};
  signal(SIGPIPE, SIG_IGN);
  if (write(fd, header, sizeof header) > 0) (void)!write(fd, argv[3], length);
  char answer[4096];
  ssize_t got = read(fd, answer, sizeof answer);
  printf("answer %s\n", got > 0 ? "yes" : "none");
  return 0;
}

// keyrings: the serial number of the session keyring, and whether a key by that name is found in it.
int keyrings(int argc, char **argv) {
  const int get_id = 0, search = 10, session = -3;
  long id = syscall(SYS_keyctl, get_id, session, 0);
  if (id < 0) return report("session", id), 0;
  printf("session %ld\n", id);
  if (argc > 2 && !strcmp(argv[1], "add")) report("add", syscall(SYS_add_key, "user", argv[2], "x", 1, session));
  if (argc > 2) report("find", syscall(SYS_keyctl, search, session, "user", argv[2], 0));
  return 0;
}
