// Against the launcher's own processes, while they are inside and not yet the container's command (CVE-2016-9962).
#include "hostile.h"
#include <dirent.h>
#include <sys/ptrace.h>
#include <sys/uio.h>

// trace PID: every way to another process's memory and descriptors.
int trace(int argc, char **argv) {
  if (argc < 2) return 64;
  pid_t pid = atoi(argv[1]);
  char path[64];
  static const char *read_files[] = {"environ", "maps", "exe", "fd/0", "syscall", "stack", "auxv"}, *opened_files[] = {"mem", "root", "cwd"};
  for (unsigned i = 0; i < sizeof read_files / sizeof *read_files; i++) {
    snprintf(path, sizeof path, "/proc/%d/%s", pid, read_files[i]);
    char byte;
    int fd = open(path, O_RDONLY);
    ssize_t length = fd < 0 ? fd : read(fd, &byte, 1);
    if (length == 0) printf("%s nothing\n", read_files[i]);
    else report(read_files[i], length);
  }
  for (unsigned i = 0; i < sizeof opened_files / sizeof *opened_files; i++) {
    snprintf(path, sizeof path, "/proc/%d/%s", pid, opened_files[i]);
    report(opened_files[i], open(path, O_RDONLY));
  }
  report("seize", ptrace(PTRACE_SEIZE, pid, 0, 0));
  report("attach", ptrace(PTRACE_ATTACH, pid, 0, 0));
  char buffer[16];
  struct iovec local = {buffer, sizeof buffer}, remote = {(void *)0x400000, sizeof buffer};
  report("process_vm_readv", process_vm_readv(pid, &local, 1, &remote, 1, 0));
  int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
  report("pidfd_getfd", syscall(SYS_pidfd_getfd, pidfd, 0, 0));
  report("oom_score_adj", (snprintf(path, sizeof path, "/proc/%d/oom_score_adj", pid), open(path, O_WRONLY)));
  return 0;
}

static int looks_like_ours(const char *target) {
  return strstr(target, "quilt-") || strstr(target, "memfd:") || strstr(target, "cgroup") || strstr(target, "anon_inode:[pidfd]") || strstr(target, "eventpoll");
}

// The beginning of another process's file; empty where there is none.
static void beginning(pid_t pid, const char *name, char *content, size_t size) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
  int fd = open(path, O_RDONLY);
  ssize_t length = fd < 0 ? 0 : read(fd, content, size - 1);
  if (fd >= 0) close(fd);
  for (ssize_t i = 0; i < length; i++) content[i] = content[i] ? content[i] : ' ';
  content[length < 0 ? 0 : length] = 0;
}

// What takes no right to trace: whoever is among us has our mounts and groups, no socket but ours, and no words of the launcher's.
static void read_open_files(pid_t pid) {
  static const char *ours[] = {"mountinfo", "cgroup", "net/unix", "net/tcp"};
  static char own[4][8192], other[8192];
  beginning(pid, "cmdline", other, sizeof other);
  if (strstr(other, "exec") || strstr(other, "PASSWORD")) printf("saw cmdline %s\n", other);
  for (unsigned i = 0; i < sizeof ours / sizeof *ours; i++) {
    if (!*own[i]) beginning(getpid(), ours[i], own[i], sizeof own[i]);
    beginning(pid, ours[i], other, sizeof other);
    if (*other && strcmp(own[i], other)) printf("saw %s %s\n", ours[i], other);
  }
}

// Tells whom it meets, and what is seen, through their /proc entries, of a program or a descriptor that is the launcher's.
int watch_joiners(int argc, char **argv) {
  (void)argc, (void)argv;
  puts("watching");
  // Numbers are given in order: the next process is one of the next few, and the last few may still be on their way.
  for (pid_t self = getpid(), latest = self;;) {
    for (pid_t pid = latest - 4; pid < latest + 16; pid++) {
      if (pid <= self) continue;
      char path[64], target[4096];
      static const char *links[] = {"exe", "cwd", "root", "fd/3", "fd/4", "fd/5", "fd/6", "fd/7", "fd/8", "fd/9", "fd/10"};
      for (unsigned i = 0; i < sizeof links / sizeof *links; i++) {
        snprintf(path, sizeof path, "/proc/%d/%s", pid, links[i]);
        ssize_t length = readlink(path, target, sizeof target - 1);
        if (length < 0) continue;
        target[length] = 0;
        if (looks_like_ours(target)) printf("saw %s %s\n", links[i], target);
      }
      read_open_files(pid);
      if (ptrace(PTRACE_SEIZE, pid, 0, 0) == 0) {
        snprintf(path, sizeof path, "/proc/%d/exe", pid);
        ssize_t length = readlink(path, target, sizeof target - 1);
        if (length > 0 && (target[length] = 0, looks_like_ours(target))) printf("saw traced %s\n", target);
        kill(pid, SIGKILL);
      }
    }
    for (pid_t pid = latest + 1, last = latest + 16; pid < last; pid++)
      if (kill(pid, 0) == 0 || errno == EPERM) printf("met %d\n", latest = pid);
    while (waitpid(-1, NULL, WNOHANG) > 0) {}
  }
}

// Stops whatever process comes next, the moment it can be named.
int stop_joiners(int argc, char **argv) {
  (void)argc, (void)argv;
  puts("stopping");
  for (pid_t first = getpid();;)
    for (pid_t pid = first + 1; pid < first + 64; pid++) kill(pid, SIGSTOP);
}

// meet-cloner PID hold|kill: from outside. Meets the next process that a child of PID clones when the kernel has made it, and before the
// child knows: holds that child there until we are ended, or kills it.
int meet_cloner(int argc, char **argv) {
  if (argc < 3) return 64;
  pid_t shim = atoi(argv[1]), met;
  if (ptrace(PTRACE_SEIZE, shim, 0, PTRACE_O_TRACEFORK | PTRACE_O_TRACECLONE) < 0) return report("seize", -1), 1;
  puts("watching");
  for (int status; (met = waitpid(-1, &status, __WALL)) > 0;) {
    int event = status >> 16;
    if (met != shim && (event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_CLONE)) break;
    if (WIFSTOPPED(status)) ptrace(PTRACE_CONT, met, 0, event ? 0 : WSTOPSIG(status));
  }
  if (!strcmp(argv[2], "kill")) {
    kill(met, SIGKILL);
    for (int status; waitpid(met, &status, __WALL) == met && WIFSTOPPED(status);) ptrace(PTRACE_CONT, met, 0, 0);
  }
  puts("met");

  // PID itself may be stopped only now, for the clone of its own that it has made before.
  for (int status; *argv[2] == 'h' && (met = waitpid(-1, &status, __WALL)) > 0;)
    if (met == shim && WIFSTOPPED(status)) ptrace(PTRACE_CONT, shim, 0, status >> 16 ? 0 : WSTOPSIG(status));
  return 0;
}
