#!/usr/bin/env bash
# Tries what the units promise, on a machine with systemd that has no Quilt: installs it, restarts and kills the daemon under a
# running container, ends all containers by their unit, and uninstalls. Not for a host whose Quilt is in use.
# Ends with 'N passed, N failed'.
set -uo pipefail
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
unit=/system.slice/quilt-containers.service

./install.sh || fail "install.sh ended with $?" "see above"
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

systemctl restart quilt.service
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

quilt run -d --name ended -- sh -c 'trap "echo told; exit 5" TERM; while :; do sleep 0.1; done' >/dev/null
await sh -c 'quilt exec ended true'
systemctl stop quilt-containers.service
check "stopping the containers' unit stops the daemon" is "$(main_pid)" 0
check "the container was told, and its shim wrote down how it ended" is "$(quilt wait ended)" 5
check "and what it said" is "$(quilt logs ended)" told
check "systemd had nothing to complain of" is "$(left_over)" ""

quilt ps -aq | xargs quilt rm -f >/dev/null
check "uninstalled" ./install.sh --uninstall --purge
check "no group is left" is "$(find /sys/fs/cgroup -name 'quilt*' -o -name supervisor)" ""
check "no process is left" is "$(pgrep -l quilt)" ""
check "no program is left" test ! -e /usr/lib/quilt
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
