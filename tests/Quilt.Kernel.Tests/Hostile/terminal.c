// Input pushed into the terminal of whoever looks at it (CVE-2017-5226), and the console's paste buffer.
#include "hostile.h"
#include <sys/ioctl.h>

int try_terminal(int argc, char **argv) {
  (void)argc, (void)argv;
  report("is-terminal", isatty(0) ? 0 : -1);
  report("tiocsti", syscall(SYS_ioctl, 0, TIOCSTI, "x"));
  report("tiocsti-high-half", syscall(SYS_ioctl, 0, 0xdeadbeef00000000 | TIOCSTI, "x"));
  char paste[] = {3};
  report("tioclinux", syscall(SYS_ioctl, 0, TIOCLINUX, paste));
  int own = open("/dev/tty", O_RDWR);
  report("controlling-terminal", own);
  report("tiocsti-own", syscall(SYS_ioctl, own, TIOCSTI, "x"));
  // Nothing may have arrived.
  int waiting = -1;
  ioctl(0, FIONREAD, &waiting);
  printf("waiting %d\n", waiting);
  return 0;
}
