// Taking more than was given: processes, threads, memory of every kind.
#include "hostile.h"
#include <sched.h>
#include <sys/mman.h>
#include <sys/shm.h>

static int wait_thread(void *unused) {
  (void)unused;
  for (;;) pause();
  return 0;
}

// Forks and makes threads, also from its children, until refused; says how it was refused; then holds what it got.
int fork_bomb(int argc, char **argv) {
  (void)argc, (void)argv;
  pid_t first = getpid();
  for (;;) {
    char *stack = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (clone(wait_thread, stack + 65536, CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM, NULL) < 0) break;
    if (fork() < 0) break;
  }
  if (getpid() == first) printf("refused %s\n", strerrorname_np(errno));
  for (;;)
    if (fork() < 0) usleep(1000);
}

static void fill(const char *path, size_t bytes) {
  static char block[1 << 20];
  memset(block, 'x', sizeof block);
  int fd = open(path, O_CREAT | O_WRONLY, 0600);
  for (size_t done = 0; done < bytes; done += sizeof block)
    if (write(fd, block, sizeof block) < 0) {
      report(path, -1);
      return;
    }
  report(path, 0);
}

// eat KIND MIB
int eat_memory(int argc, char **argv) {
  if (argc < 3) return 64;
  size_t bytes = (size_t)atoi(argv[2]) << 20;
  if (!strcmp(argv[1], "mmap")) memset(mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), 1, bytes);
  if (!strcmp(argv[1], "shared")) memset(mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0), 1, bytes);
  if (!strcmp(argv[1], "sysv")) memset(shmat(shmget(IPC_PRIVATE, bytes, 0600), NULL, 0), 1, bytes);
  if (!strcmp(argv[1], "memfd")) {
    int fd = memfd_create("x", 0);
    ftruncate(fd, (off_t)bytes);
    memset(mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), 1, bytes);
  }
  if (!strcmp(argv[1], "shm")) fill("/dev/shm/x", bytes);
  if (!strcmp(argv[1], "dev")) fill("/dev/x", bytes);
  if (!strcmp(argv[1], "children"))
    for (int i = 0; i < 16; i++)
      if (fork() == 0) {
        memset(mmap(NULL, bytes / 16, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), 1, bytes / 16);
        for (;;) pause();
      }
  if (!strcmp(argv[1], "children"))
    for (int status, killed = 0;;)
      if (wait(&status) > 0 && WIFSIGNALED(status) && killed++ == 0) printf("child signal %d\n", WTERMSIG(status)), exit(0);
  puts("ate");
  return 0;
}
