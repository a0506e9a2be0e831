// The other doors into an x86-64 kernel: 32-bit calls by int 0x80, and x32 calls by a bit in the number.
#include "hostile.h"

static void in_child(const char *name, void (*attempt)(void)) {
  pid_t pid = fork();
  if (pid == 0) {
    attempt();
    _exit(0);
  }
  int status;
  waitpid(pid, &status, 0);
  if (WIFSIGNALED(status))
    printf("%s signal %d\n", name, WTERMSIG(status));
  else
    printf("%s %s\n", name, WEXITSTATUS(status) ? strerrorname_np(WEXITSTATUS(status)) : "ok");
}

#ifdef __x86_64__
static long int80(long number, long a, long b, long c) {
  long result;
  __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b), "d"(c) : "memory", "r8", "r9", "r10", "r11");
  return (int)result;
}
static void give(long result) { _exit(result < 0 ? (int)-result : 0); }
static void getpid32(void) { give(int80(20, 0, 0, 0)); }
static void tiocsti32(void) { give(int80(54, 0, 0x5412, 0)); }
static void unshare32(void) { give(int80(310, 0x10000000, 0, 0)); }
static void socketcall32(void) { give(int80(102, 1, 0, 0)); }
static void getpid_x32(void) { _exit(syscall(0x40000000 | SYS_getpid) < 0 ? errno : 0); }
static void ioctl_x32(void) { _exit(syscall(0x40000000 | 514, 0, 0x5412, 0) < 0 ? errno : 0); }
#endif

int try_abis(int argc, char **argv) {
  (void)argc, (void)argv;
#ifdef __x86_64__
  in_child("int80-getpid", getpid32);
  in_child("int80-tiocsti", tiocsti32);
  in_child("int80-unshare", unshare32);
  in_child("int80-socketcall", socketcall32);
  in_child("x32-getpid", getpid_x32);
  in_child("x32-tiocsti", ioctl_x32);
#endif
  return 0;
}
