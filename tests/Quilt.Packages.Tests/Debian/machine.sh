#!/bin/sh
# This machine once more: what is written to its files stays in FOLDER, its processes and mounts go with this one, which ends when its input
# does. To be started by: unshare --mount --pid --fork --kill-child machine.sh FOLDER
set -e
here=$(dirname "$(realpath "$0")")
folder=$1 root=$1/root
mkdir "$folder/upper" "$folder/work" "$folder/shared" "$folder/lib" "$root"
mount -t overlay -o "lowerdir=/,upperdir=$folder/upper,workdir=$folder/work" overlay "$root"

# No overlay: containers have theirs in it. Only dpkg's part of it is needed.
cp -a /var/lib/dpkg "$folder/lib"
mount --bind "$folder/lib" "$root/var/lib"
mount --bind "$folder" "$root/mnt"
mount --rbind /dev "$root/dev"
mount --rbind /sys "$root/sys"
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=0755 tmpfs "$root/run"
mount -t tmpfs tmpfs "$root/tmp"

# The package finds a systemd, and services may be started.
mkdir "$root/run/systemd" "$root/run/systemd/system"
cp "$here/systemctl" "$root/run/systemctl"
for program in /usr/bin/systemctl /bin/systemctl; do
  [ -L "$root/bin" ] && [ $program = /bin/systemctl ] && continue
  rm -f "$root$program"
  ln -s /run/systemctl "$root$program"
done
rm -f "$root/usr/sbin/policy-rc.d"
echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/quilt-tests" # nothing here is to survive

# Not chroot, in which no user namespace can be made.
cd "$root"
mkdir run/host
pivot_root . run/host
umount -l /run/host
rmdir /run/host
echo ready
cat >/dev/null
