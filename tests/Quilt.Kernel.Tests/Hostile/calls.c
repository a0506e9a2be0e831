// System calls that the default filter refuses. Where possible with arguments for which the kernel itself would answer
// something else than EPERM, so that EPERM is the filter's word.
#include "hostile.h"
#include <linux/sched.h>
#include <sched.h>
#include <sys/personality.h>
#include <sys/socket.h>

static void call(const char *name, long number, long a, long b, long c, long d, long e) {
  report(name, syscall(number, a, b, c, d, e, 0));
}

static void namespaces(void) {
  static const struct {
    const char *name;
    long flag;
  } kinds[] = {{"mnt", CLONE_NEWNS},   {"cgroup", CLONE_NEWCGROUP}, {"uts", CLONE_NEWUTS}, {"ipc", CLONE_NEWIPC},
               {"user", CLONE_NEWUSER}, {"pid", CLONE_NEWPID},       {"net", CLONE_NEWNET}, {"time", CLONE_NEWTIME}};
  char name[32];
  for (unsigned i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    snprintf(name, sizeof name, "unshare-%s", kinds[i].name);
    call(name, SYS_unshare, kinds[i].flag, 0, 0, 0, 0);
    if (kinds[i].flag == CLONE_NEWTIME) continue; // clone has no such flag
    snprintf(name, sizeof name, "clone-%s", kinds[i].name);
    long pid = syscall(SYS_clone, kinds[i].flag | SIGCHLD, 0, 0, 0, 0);
    if (pid == 0) _exit(0);
    report(name, pid);
  }
  call("unshare-nothing", SYS_unshare, 0, 0, 0, 0, 0);
  call("setns", SYS_setns, -1, 0, 0, 0, 0);
  struct clone_args args = {.flags = CLONE_NEWUSER, .exit_signal = SIGCHLD};
  call("clone3", SYS_clone3, (long)&args, sizeof args, 0, 0, 0);
}

int try_calls(int argc, char **argv) {
  (void)argc, (void)argv;
  namespaces();
  call("mount", SYS_mount, 0, 0, 0, 0, 0);
  call("umount2", SYS_umount2, (long)"/nowhere", 8 /* UMOUNT_NOFOLLOW */, 0, 0, 0);
  call("pivot_root", SYS_pivot_root, 0, 0, 0, 0, 0);
  call("open_tree", SYS_open_tree, -1, (long)"x", 0, 0, 0);
  call("move_mount", SYS_move_mount, -1, (long)"x", -1, (long)"x", 0);
  call("fsopen", SYS_fsopen, 0, 0, 0, 0, 0);
  call("fsconfig", SYS_fsconfig, -1, 0, 0, 0, 0);
  call("fsmount", SYS_fsmount, -1, 0, 0, 0, 0);
  call("fspick", SYS_fspick, -1, (long)"x", 0, 0, 0);
  call("mount_setattr", SYS_mount_setattr, -1, (long)"x", 0, 0, 0);
  call("bpf", SYS_bpf, 9999, 0, 0, 0, 0);
  call("perf_event_open", SYS_perf_event_open, 0, 0, 0, 0, 0);
  call("userfaultfd", SYS_userfaultfd, -1, 0, 0, 0, 0);
  call("io_uring_setup", SYS_io_uring_setup, 0, 0, 0, 0, 0);
  call("io_uring_enter", SYS_io_uring_enter, -1, 0, 0, 0, 0);
  call("io_uring_register", SYS_io_uring_register, -1, 0, 0, 0, 0);
  call("keyctl", SYS_keyctl, 9999, 0, 0, 0, 0);
  call("add_key", SYS_add_key, 0, 0, 0, 0, 0);
  call("request_key", SYS_request_key, 0, 0, 0, 0, 0);
  call("kexec_load", SYS_kexec_load, 0, 0, 0, 0, 0);
  call("kexec_file_load", SYS_kexec_file_load, -1, -1, 0, 0, 0);
  call("init_module", SYS_init_module, 0, 0, 0, 0, 0);
  call("finit_module", SYS_finit_module, -1, 0, 0, 0, 0);
  call("delete_module", SYS_delete_module, 0, 0, 0, 0, 0);
  call("swapon", SYS_swapon, 0, 0, 0, 0, 0);
  call("reboot", SYS_reboot, 0, 0, 0, 0, 0);
  call("settimeofday", SYS_settimeofday, 0, 0, 0, 0, 0);
  call("clock_settime", SYS_clock_settime, 0, 0, 0, 0, 0);
  call("sethostname", SYS_sethostname, 0, -1, 0, 0, 0);
  call("setdomainname", SYS_setdomainname, 0, -1, 0, 0, 0);
  call("open_by_handle_at", SYS_open_by_handle_at, -1, 0, 0, 0, 0);
  call("iopl", SYS_iopl, 0, 0, 0, 0, 0);
  call("ioperm", SYS_ioperm, 0, 0, 0, 0, 0);
  call("acct", SYS_acct, 0, 0, 0, 0, 0);
  call("quotactl", SYS_quotactl, -1, 0, 0, 0, 0);
  call("syslog", SYS_syslog, 9999, 0, 0, 0, 0);
  call("fanotify_init", SYS_fanotify_init, -1, 0, 0, 0, 0);
  call("vhangup", SYS_vhangup, 0, 0, 0, 0, 0);
  call("kcmp", SYS_kcmp, -1, -1, 9999, 0, 0);
  call("nfsservctl", SYS_nfsservctl, 0, 0, 0, 0, 0);
  call("uselib", SYS_uselib, 0, 0, 0, 0, 0);
  call("personality-no-randomisation", SYS_personality, ADDR_NO_RANDOMIZE, 0, 0, 0, 0);
  call("socket-alg", SYS_socket, AF_ALG, SOCK_SEQPACKET, 0, 0, 0);
  call("socket-vsock", SYS_socket, AF_VSOCK, SOCK_STREAM, 0, 0, 0);
  call("socket-bluetooth", SYS_socket, AF_BLUETOOTH, SOCK_RAW, 0, 0, 0);
  call("socket-can", SYS_socket, AF_CAN, SOCK_RAW, 1, 0, 0);
  call("socket-tipc", SYS_socket, AF_TIPC, SOCK_STREAM, 0, 0, 0);
  call("socket-rds", SYS_socket, AF_RDS, SOCK_SEQPACKET, 0, 0, 0);
  call("socket-key", SYS_socket, AF_KEY, SOCK_RAW, 2, 0, 0);
  int pair[2];
  call("socketpair-vsock", SYS_socketpair, AF_VSOCK, SOCK_STREAM, 0, (long)pair, 0);
  call("socketpair-tipc", SYS_socketpair, AF_TIPC, SOCK_SEQPACKET, 0, (long)pair, 0);
  call("socketpair-inet", SYS_socketpair, AF_INET, SOCK_STREAM, 0, (long)pair, 0);
  call("socket-alg-high-half", SYS_socket, (long)(0xdeadbeef00000000 | AF_ALG), SOCK_SEQPACKET, 0, 0, 0);
  call("number-of-a-later-kernel", 600, 0, 0, 0, 0, 0);
  call("number-minus-one", -1, 0, 0, 0, 0, 0);
  return 0;
}
