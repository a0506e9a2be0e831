// What a user namespace made inside would open up, were the filter not there: the second line of defence.
#include "hostile.h"
#include <sched.h>
#include <sys/mount.h>

static void put(const char *path, const char *text) {
  int fd = open(path, O_WRONLY);
  if (fd >= 0) {
    (void)!write(fd, text, strlen(text));
    close(fd);
  }
}

int nested(int argc, char **argv) {
  (void)argc, (void)argv;
  int made = unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWPID | CLONE_NEWNET);
  report("unshare", made);
  if (made < 0) return 0;
  put("/proc/self/setgroups", "deny");
  put("/proc/self/uid_map", "0 0 1");
  put("/proc/self/gid_map", "0 0 1");
  if (fork() > 0) {
    wait(NULL);
    return 0;
  }
  report("mount-tmpfs", mount("t", "/tmp", "tmpfs", 0, NULL));
  report("mkdir", mkdir("/tmp/a", 0755)); // without an id that is mapped there is nobody to own it
  report("unmask-file", umount2("/proc/kcore", MNT_DETACH));
  report("unmask-folder", umount2("/sys/firmware", MNT_DETACH));
  report("remount-proc-sys", mount(NULL, "/proc/sys", NULL, MS_REMOUNT | MS_BIND, NULL));
  report("remount-sys", mount(NULL, "/sys", NULL, MS_REMOUNT | MS_BIND, NULL));
  report("bind-unmasked", mount("/proc", "/tmp/a", NULL, MS_BIND, NULL));
  report("fresh-proc", mount("proc", "/tmp/a", "proc", 0, NULL));
  report("fresh-sysfs", mount("sysfs", "/tmp/a", "sysfs", 0, NULL));
  // CVE-2022-0492.
  report("mount-cgroup-v1", mount("c", "/tmp/a", "cgroup", 0, "memory"));
  int agent = open("/tmp/a/release_agent", O_WRONLY);
  report("release-agent", agent < 0 ? agent : write(agent, "/evil", 5));
  report("overlay", mount("o", "/tmp/a", "overlay", 0, "lowerdir=/proc"));
  report("device", mknod("/tmp/sda", S_IFBLK | 0600, 8 << 8));
  return 0;
}
