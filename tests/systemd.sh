#!/usr/bin/env bash
# Tries what the units promise, on a machine with systemd that has no Quilt: installs it, restarts and kills the daemon under a
# running container, ends all containers by their unit, and uninstalls. Not for a host whose Quilt is in use.
# With --deb FILE it does so by the Debian package, upgrades by it too, and runs the operator's quick start first.
# Ends with 'N passed, N failed'.
set -uo pipefail
deb=
[ "${1:-}" != --deb ] || deb=$(realpath "$2")
cd "$(dirname "$0")/.."
fail() { echo "systemd.sh: $1" >&2; echo "  remedy: $2" >&2; exit 1; }
[ "$(id -u)" = 0 ] || fail "units are installed by root" "sudo tests/systemd.sh"
[ -d /run/systemd/system ] || fail "this machine was not started by systemd" "run it on one that was"
[ ! -e /usr/lib/quilt ] || fail "Quilt is installed here" "./install.sh --uninstall --purge"

passed=0 failed=0
check() { # WHAT CONDITION...
  local what=$1
  shift
  if "$@"; then
    echo "ok      $what"
    passed=$((passed + 1))
  else
    echo "FAILED  $what"
    failed=$((failed + 1))
  fi
}
is() { [ "$1" = "$2" ] || { echo "        '$1', not '$2'"; return 1; }; }
matches() { grep -qxE "$2" <<<"$1"; }
quiet() { "$@" >/dev/null; }
main_pid() { systemctl show -P MainPID quilt.service; }
pid_of() { quilt inspect --json "$1" | sed -n 's/.*"pid": *\([0-9]*\).*/\1/p' | head -n 1; }
group_of() { sed -n 's/^0:://p' "/proc/$1/cgroup"; }
parent_of() { sed -n 's/^PPid:[[:space:]]*//p' "/proc/$1/status"; }
await() { # CONDITION...: for at most a minute
  local tries
  for tries in $(seq 600); do
    ! "$@" || return 0
    sleep 0.1
  done
  return 1
}
new_daemon() { [ "$(main_pid)" != 0 ] && [ "$(main_pid)" != "$1" ] && quilt version >/dev/null 2>&1; }
left_over() { journalctl -b -u quilt.service -u quilt-containers.service --no-pager | grep -iE 'left-over|remains running|219/CGROUP|busy'; }
named_quilt() { find / -xdev -name '*quilt*' -not -path '/proc/*' -not -path '/var/log/*' -not -path '/var/lib/systemd/*' | sort; } # what systemd keeps of units that were is its own
unit=/system.slice/quilt-containers.service

if [ -n "$deb" ]; then
  before=$(named_quilt)
  page=$(mktemp -d)
  cp "$deb" "$page"
  check "the operator's quick start goes as it tells" sh -c "cd $page && $PWD/tests/quickstart.sh $PWD/docs/quickstart/operator.md"
  rm -r "$page" /var/backups/quilt.tar
  userdel --remove alice 2>/dev/null
  check "and leaves nothing" is "$(comm -13 <(echo "$before") <(named_quilt))" ""
  apt-get install -y -qq "$deb" >/dev/null || fail "apt-get ended with $?" "see above"
else
  ./install.sh || fail "install.sh ended with $?" "see above"
fi
systemctl stop quilt.service
check "stopped, it does not run" is "$(main_pid)" 0
check "the socket starts it" quiet quilt version
daemon=$(main_pid)
check "and systemd knows it" test "$daemon" != 0

quilt run -d --name lives --memory 64MiB -- sh -c 'echo before; while [ ! -e /tmp/go ]; do sleep 0.2; done; echo after; exit 7' >/dev/null
pid=$(pid_of lives)
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
  group=$(group_of "$pid")
  echo "        container $group, shim $(group_of "$(parent_of "$pid")"), quiltd $(group_of "$daemon")"
  check "the container's group is below the delegated one" matches "$group" "$unit/[0-9a-f]+/[0-9a-f]+"
  check "its shim is beside it" is "$(group_of "$(parent_of "$pid")")" "$unit/supervisor"
  check "quiltd is in its own unit's" is "$(group_of "$daemon")" /system.slice/quilt.service
  check "its limit is set" is "$(cat "/sys/fs/cgroup$group/memory.max")" 67108864
  check "what keeps the group is not in the way" is "$(group_of "$(systemctl show -P MainPID quilt-containers.service)")" "$unit/supervisor"
  check "nothing is at the root of the hierarchy" test ! -e /sys/fs/cgroup/quilt
fi

if [ -n "$deb" ]; then dpkg --install "$deb" >/dev/null; else systemctl restart quilt.service; fi
check "restart: another daemon runs" new_daemon "$daemon"
check "the container is the same" is "$(pid_of lives)" "$pid"
daemon=$(main_pid)
kill -KILL "$daemon"
check "killed: systemd starts another" await new_daemon "$daemon"
check "the container is the same" is "$(pid_of lives)" "$pid"
check "exec works in it" quilt exec lives touch /tmp/go
check "its exit code came through" is "$(quilt wait lives)" 7
check "and all of its output" is "$(quilt logs lives | tr '\n' ' ')" "before after "

daemon=$(main_pid)
quilt run -d --name orphan -- sh -c 'while [ ! -e /tmp/go ]; do sleep 0.2; done; echo ended; exit 9' >/dev/null
quilt exec -d orphan -- sh -c 'sleep 5; touch /tmp/go' >/dev/null
pid=$(pid_of orphan)
systemctl stop quilt.socket quilt.service
check "stopped, while a container runs" is "$(main_pid)" 0
check "which runs on" test -d "/proc/$pid"
await test ! -d "/proc/$pid"
systemctl start quilt.socket
check "it ended without a daemon: its exit code" is "$(quilt wait orphan)" 9
check "and its output" is "$(quilt logs orphan)" ended

quilt run --memory 32MiB --name greedy -- sh -c 'tail -c 1000m /dev/zero' 2>/dev/null
check "the kernel killed one for its memory" is "$(quilt inspect --json greedy | grep -o '"oomKilled": *true')" '"oomKilled": true'
check "and systemd lets the others be" systemctl is-active quilt-containers.service
systemctl daemon-reload
check "a reload of systemd takes no limit away" quilt run --rm --memory 64MiB -- sh -c '[ "$(cat /sys/fs/cgroup/memory.max)" = 67108864 ] || [ ! -e /sys/fs/cgroup/cgroup.controllers ]'

quilt run -d --name db -- sh -c 'while :; do echo row | nc -l -p 5432; done' >/dev/null
quilt run -d --name web -- sleep 1000 >/dev/null
quilt connect web db:5432 >/dev/null
check "a container reaches another over its edge" await sh -c 'quilt exec web nc db 5432 | grep -q row'
systemctl restart quilt.service
check "also after a restart" await sh -c 'quilt exec web nc db 5432 | grep -q row'
check "and on no other port" sh -c '! quilt exec web nc db 5433'
quilt rm -f web db >/dev/null

token=$(echo 'grant: {limits: {memory: 256MiB}}' | quilt agent create -q limited -f - 2>/dev/null)
quilt run -d --name ended -- sh -c 'trap "echo told; exit 5" TERM; while :; do sleep 0.1; done' >/dev/null
await sh -c 'quilt exec ended true'
systemctl stop quilt-containers.service
check "stopping the containers' unit stops the daemon" is "$(main_pid)" 0
check "the container was told, and its shim wrote down how it ended" is "$(quilt wait ended)" 5
check "and what it said" is "$(quilt logs ended)" told
check "systemd had nothing to complain of" is "$(left_over)" ""
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
  check "an agent's limit is there again" is "$(cat /sys/fs/cgroup"$unit"/*/agent-*/memory.max)" 268435456
fi
check "and its containers run" quiet quilt --token "$token" run --rm --memory 64MiB -- true
quilt agent rm limited >/dev/null

# Scopes, around containers whose root is this machine's.
oci() { quilt-oci --systemd-cgroup "$@"; }
property() { systemctl show -P "$2" "$1"; }
scopes() { systemctl list-units --all --plain --no-legend 'quilt*.scope'; }
in_group() { cat "/sys/fs/cgroup$(group_of "$pid")/$1"; }
refused() { # WORDS COMMAND...
  local words=$1 said
  shift
  said=$("$@" 2>&1 </dev/null) && { echo "        it was not refused"; return 1; }
  grep -q -- "$words" <<<"$said" || { echo "        '$said'"; return 1; }
}
start() { # ID: a bundle's container, in the background
  oci run --detach --bundle "$bundle" --pid-file "$bundle/pid" "$1" >/dev/null </dev/null && pid=$(cat "$bundle/pid")
}
configure() { # CGROUPS-PATH [ARGS]: the bundle's configuration
  rm -f "$bundle/config.json"
  quilt-oci spec --bundle "$bundle"
  sed -i 's|"args":\["sh"\]|"args":'"${2:-[\"sleep\",\"1000\"]}"'|; s|"linux":{|"linux":{"cgroupsPath":"'"$1"'",|
    s|"resources":{|"resources":{"cpu":{"shares":512,"quota":50000,"period":100000,"cpus":"0"},|' "$bundle/config.json"
}
bundle=$(mktemp -d)
mkdir "$bundle/rootfs"
mount --bind / "$bundle/rootfs"
unit=quilt-one.scope slice=/quilttest.slice/quilttest-a.slice

configure quilttest-a.slice:quilt:one
oci create --bundle "$bundle" --pid-file "$bundle/pid" one </dev/null >/dev/null
pid=$(cat "$bundle/pid")
check "a created container has its scope" is "$(systemctl is-active $unit)" active
check "which is in its slice" is "$(property $unit Slice) $(property $unit ControlGroup)" "quilttest-a.slice $slice/$unit"
check "and delegated" is "$(property $unit Delegate)" yes
check "and goes when it ends, failed or not" is "$(property $unit CollectMode)" inactive-or-failed
check "it has the limits" is "$(property $unit MemoryMax) $(property $unit TasksMax) $(property $unit CPUQuotaPerSecUSec)" "1073741824 1024 500ms"
check "started, its process is there" quiet oci start one
check "as systemd says too" quiet sh -c "systemctl status --no-pager $unit | grep -q '$pid sleep 1000'"
check "another of that name is refused" refused 'in use' oci create --bundle "$bundle" other
check "and leaves it alone" test -d "/proc/$pid"
check "an exec goes there" quiet oci exec one true
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
  check "its group is the scope's" is "$(group_of "$pid")" "$slice/$unit"
  check "which is the root that it sees" is "$(oci exec one cat /proc/self/cgroup)" 0::/
  check "the limits are in the files" is "$(in_group memory.max) $(in_group pids.max) $(in_group cpu.max) $(in_group cpuset.cpus)" "1073741824 1024 50000 100000 0"
  systemctl daemon-reload
  check "where a reload of systemd leaves them" is "$(in_group memory.max) $(in_group pids.max) $(in_group cpu.max) $(in_group cpuset.cpus)" "1073741824 1024 50000 100000 0"
  check "new limits" oci update --memory 512MiB --memory-swap 512MiB --pids-limit 77 --cpu-quota 12345 --cpu-period 100000 one
  check "are in the files" is "$(in_group memory.max) $(in_group pids.max) $(in_group cpu.max)" "536870912 77 12345 100000"
  check "and systemd has them" is "$(property $unit MemoryMax) $(property $unit TasksMax)" "536870912 77"
  systemctl daemon-reload
  check "a reload leaves those too" is "$(in_group memory.max) $(in_group pids.max)" "536870912 77"
else
  check "its groups are the scope's" is "$(grep -cv ":$slice/$unit\$" "/proc/$pid/cgroup")" 0
  systemctl daemon-reload
  check "a reload of systemd leaves the devices closed" is "$(grep -c '^a' "/sys/fs/cgroup/devices$slice/$unit/devices.list")" 0
  check "and the limit" is "$(cat "/sys/fs/cgroup/memory$slice/$unit/memory.limit_in_bytes")" 1073741824
fi
oci pause one
check "paused" is "$(oci state one | grep -o '"status":"[a-z]*"')" '"status":"paused"'
oci resume one
oci kill one KILL
check "killed, it ends" await test ! -d "/proc/$pid"
check "deleted" oci delete one
check "its scope is gone" is "$(scopes)" ""
check "and its group" is "$(find /sys/fs/cgroup -name "$unit")" ""

check "a container without a path" configure "" && start two
check "is in system.slice" is "$(property quilt-two.scope ControlGroup)" /system.slice/quilt-two.scope
check "deleted by force" oci delete --force two
check "its scope is gone" is "$(scopes)" ""

configure :quilt:bus
check "without systemd's own socket" unshare --mount sh -c "mount --bind /dev/null /run/systemd/private && quilt-oci --systemd-cgroup run --detach --bundle $bundle bus </dev/null >/dev/null"
check "it is asked over the bus" is "$(systemctl is-active quilt-bus.scope)" active
check "also to stop it" unshare --mount sh -c "mount --bind /dev/null /run/systemd/private && quilt-oci delete --force bus"
check "its scope is gone" is "$(scopes)" ""
check "without systemd it is refused" refused 'systemd answers neither' \
  unshare --mount sh -c "mount -t tmpfs none /run/systemd && mount -t tmpfs none /run/dbus && quilt-oci --systemd-cgroup create --bundle $bundle none"

configure quilttest-a.slice:quilt:ends '["true"]'
check "one that ends in the foreground" oci run --bundle "$bundle" ends </dev/null
check "leaves no scope" is "$(scopes)" ""
configure quilttest-a.slice:quilt:bad '["/no/such/command"]'
check "a command that is not there" refused ENOENT oci run --bundle "$bundle" bad
check "leaves no scope" is "$(scopes)" ""
configure quilttest-a.slice:quilt:bad
sed -i 's|"mounts":\[|"mounts":[{"destination":"/none","type":"bind","source":"/no/such","options":["bind"]},|' "$bundle/config.json"
check "a create that fails" refused ENOENT oci create --bundle "$bundle" bad
check "leaves no scope" is "$(scopes)" ""
for path in quilttest:quilt:bad quilttest--a.slice:quilt:bad a/b.slice:quilt:bad ../a.slice:quilt:bad machine.slice:quilt: machine.slice:quilt:a/b /quilt/bad; do
  configure "$path"
  check "refused: $path" refused 'linux\|is not' oci create --bundle "$bundle" bad
done
check "no container is left" is "$(oci list --quiet)" ""
check "and no scope" is "$(scopes)" ""
umount "$bundle/rootfs" && rm -r "$bundle"
systemctl stop quilttest.slice
find /sys/fs/cgroup -depth -type d -name "quilttest*.slice" -exec rmdir {} + # of v1 hierarchies that systemd does not look after

quilt ps -aq | xargs quilt rm -f >/dev/null
if [ -n "$deb" ]; then
  check "purged" apt-get purge -y -qq quilt-runtime
else
  check "uninstalled" ./install.sh --uninstall --purge
fi
check "no group is left" is "$(find /sys/fs/cgroup -name 'quilt*' -o -name supervisor)" ""
check "no process is left" is "$(pgrep -l quilt)" ""
check "no program is left" test ! -e /usr/lib/quilt
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
