#include "hostile.h"

// Each open descriptor and what it is, one a line.
int list_descriptors(int argc, char **argv) {
  (void)argc, (void)argv;
  for (int fd = 0; fd < 65536; fd++) {
    if (fcntl(fd, F_GETFD) < 0) continue;
    char link[64], target[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, target, sizeof target - 1);
    target[length < 0 ? 0 : length] = 0;
    printf("%d %s\n", fd, target);
  }
  return 0;
}

// Who we are: real, effective and saved ids, groups, session, and where we stand.
int identity(int argc, char **argv) {
  (void)argc, (void)argv;
  uid_t r, e, s;
  gid_t groups[256];
  getresuid(&r, &e, &s);
  printf("uids %d %d %d\n", r, e, s);
  getresgid(&r, &e, &s);
  printf("gids %d %d %d\n", r, e, s);
  printf("groups %d\n", getgroups(256, groups));
  mode_t mask = umask(0);
  printf("umask %03o\n", mask);
  printf("session %s\n", getsid(0) == getpid() ? "own" : "foreign");
  printf("tty %s\n", open("/dev/tty", O_RDWR) < 0 ? strerrorname_np(errno) : "open");
  printf("personality %lx\n", syscall(SYS_personality, 0xffffffff));
  sigset_t blocked;
  sigprocmask(SIG_SETMASK, NULL, &blocked);
  int count = 0;
  for (int n = 1; n < 65; n++) {
    struct sigaction action;
    count += sigismember(&blocked, n) == 1;
    count += sigaction(n, NULL, &action) == 0 && action.sa_handler != SIG_DFL;
  }
  printf("signals-not-default %d\n", count);
  return 0;
}
