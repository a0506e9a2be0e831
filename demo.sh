#!/usr/bin/env bash
# Shows Quilt's main job end to end with a daemon of its own in a temporary folder: builds if needed, prints each step, what
# came of it and how long it took, checks it, and clears everything. Ends with another code than 0 where a check failed.
set -euo pipefail
cd "$(dirname "$0")"
fail() { echo "demo.sh: $1" >&2; echo "  remedy: $2" >&2; exit 1; }
[ "$(id -u)" = 0 ] || fail "containers need root" "sudo ./demo.sh"
command -v dotnet >/dev/null || fail "the .NET SDK is missing" "install the .NET 10 SDK and put 'dotnet' on PATH (https://dot.net)"
./setup.sh
./build.sh --if-changed

work=$(mktemp -d /tmp/quilt-demo-XXXXXX)
group=${work##*/}
export QUILT_HOST=unix://$work/run/quilt.sock
quiltd= failures=0
export PATH=$PWD/artifacts/bin:$PATH

clean_up() {
  local status=$? all folder
  trap - EXIT
  if [ -n "$quiltd" ]; then
    all=$(quilt ps -aq 2>/dev/null) || true
    [ -z "$all" ] || xargs quilt rm -f <<<"$all" >/dev/null || true
    stop_quiltd TERM
  fi
  # The groups above the containers' are this daemon's own.
  for folder in /sys/fs/cgroup/"$group" /sys/fs/cgroup/*/"$group"; do
    [ ! -d "$folder" ] || find "$folder" -depth -type d -exec rmdir {} + 2>/dev/null || true
  done
  rm -rf --one-file-system "$work"
  exit "$status"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

start_quiltd() {
  quiltd --state-dir "$work/state" --run-dir "$work/run" --socket "$work/run/quilt.sock" --cgroup-parent "$group" >>"$work/quiltd.log" 2>&1 &
  quiltd=$!
  local tries
  for tries in $(seq 300); do
    ! quilt version >/dev/null 2>&1 || return 0
    kill -0 "$quiltd" 2>/dev/null || break
    sleep 0.1
  done
  tail -n 5 "$work/quiltd.log" >&2
  fail "quiltd does not answer" "quilt doctor tells what this host lacks"
}
stop_quiltd() { # SIGNAL
  kill -s "$1" "$quiltd" 2>/dev/null || true
  wait "$quiltd" 2>/dev/null || true
  quiltd=
}

bold= plain=
[ ! -t 1 ] || { bold=$(printf '\e[1m'); plain=$(printf '\e[0m'); }
heading() { printf '\n%s%s%s\n' "$bold" "$1" "$plain"; }
# Runs a command; its output is in $output, its exit code in $code. SHOW is what a line has to match to be printed.
step() {
  local begun ended
  begun=$(date +%s%N)
  code=0
  output=$("$@" 2>&1) || code=$?
  ended=$(date +%s%N)
  printf '%7.1f ms  $ %s\n' "$(((ended - begun) / 10000))e-2" "$*"
  grep -E -- "${SHOW:-}" <<<"$output" | grep . | sed 's/^ */              /' || true
}
check() { # WHAT CONDITION...
  local what=$1
  shift
  if "$@"; then
    printf '         ok  %s\n' "$what"
  else
    printf '     FAILED  %s\n' "$what"
    failures=$((failures + 1))
  fi
}
says() { grep -qE -- "$1" <<<"$output"; }
ended() { [ "$code" = "$1" ]; }
refused() { ! ended 0; }

heading "A daemon of our own"
begun=$(date +%s%N)
start_quiltd
printf '%7.1f ms  quiltd, its database, its base image and its first shims\n' "$((($(date +%s%N) - begun) / 10000))e-2"

heading "A command in a throw-away container"
step quilt run --rm -- echo "hello from Quilt"
check "it said so" says '^hello from Quilt$'
step quilt run --rm -- sh -c 'exit 42'
check "the exit code is the command's own" ended 42
step quilt run --rm -- no-such-program
check "a missing command is code 127, as docker has it" ended 127

heading "Create, start, execute, watch, stop"
step quilt create --name web --memory 128MiB --pids 64 --cpus 1 -- sh -c 'echo begun; while :; do echo tick; sleep 1; done'
check "created" ended 0
SHOW='"(state|memoryBytes)"' step quilt inspect --json web
check "it does not run yet" says '"state": *"created"'
step quilt start web
check "started" ended 0
step quilt exec web -- sh -c 'echo "I am $(id -un) in $(hostname)"; ps'
check "a second command ran in it" says 'I am root'
step quilt logs web
check "its output was kept" says '^begun$'
step quilt stats --no-stream web
check "its use of the host is known" says 'web'
step quilt ps
check "it is listed" says 'web'
step quilt stop -t 1s web
check "stopped" ended 0

heading "What it looks like from inside"
step quilt run -d --name inside --memory 64MiB -- sleep 600
step quilt exec inside -- id
check "root inside" says 'uid=0'
pid=$(quilt inspect --json inside | sed -n 's/.*"pid": *\([0-9]*\).*/\1/p' | head -n 1)
step sed -n 's/^Uid:[[:space:]]*\([0-9]*\).*/host uid \1/p' "/proc/$pid/status"
check "and nobody outside" says 'host uid [1-9][0-9]{5,}'
step quilt exec inside -- grep -E '^(NoNewPrivs|Seccomp|CapEff):' /proc/self/status
check "a system call filter is on" says '^Seccomp:[[:space:]]+2'
check "no new privileges" says '^NoNewPrivs:[[:space:]]+1'
step quilt exec inside -- unshare -m true
check "new namespaces are refused" refused
step quilt exec inside -- mount -t tmpfs none /mnt
check "mounts are refused" refused
step quilt exec inside -- mknod /dev/kmsg c 1 11
check "devices are refused" refused
step quilt exec inside -- sh -c 'ls /sys/class/net; wget -q -T 2 -O- http://1.1.1.1'
check "there is no network but the loopback" refused

heading "One container reaches another where an edge is drawn, and there alone"
step quilt run -d --name db -- sh -c 'while :; do echo a row | nc -l -p 5432; done'
step quilt exec inside -- nc db 5432
check "they do not know each other" refused
step quilt connect inside db:5432
step quilt exec inside -- nc db 5432
check "now they do" says '^a row$'
step quilt exec inside -- nc db 5433
check "on that port alone" refused
step quilt topology
step quilt sever inside db:5432
step quilt exec inside -- nc db 5432
check "and no longer" refused
step quilt network create --isolated shared
step quilt network connect shared inside
step quilt network connect shared db
step quilt port expose --service table db 5432
step quilt exec inside -- nc table 5432
check "in a network members reach what is exposed" says '^a row$'
step quilt exec inside -- nc db 5433
check "and nothing else" refused
step quilt network rm -f shared

heading "An image of its own"
mkdir "$work/context"
printf 'FROM quilt/busybox\nCOPY words /words\nRUN wc -w < /words > /count; ! nc -w 1 192.0.2.1 80 </dev/null\nCMD ["cat", "/words", "/count"]\n' >"$work/context/Dockerfile"
echo "good day" >"$work/context/words"
step quilt build -t greeter:1 "$work/context"
check "built, and its steps reached no network" ended 0
step quilt run --rm greeter:1
check "its container runs as it says" says '^good day$'
step quilt build -q -t greeter:2 "$work/context"
step quilt history greeter:2
check "and tells what it was made of" says 'COPY words'
step quilt rmi greeter:1 greeter:2
check "removed" ended 0

heading "Eight ways from here"
step quilt run -d --name dev
quilt exec dev -- sh -c 'echo prepared > /state'
step quilt snapshot dev prepared
step quilt fork dev --count 8
check "eight copies run" says 'dev-8 .*running'
quilt exec dev-3 -- sh -c 'echo changed > /state'
step quilt exec dev-7 -- cat /state
check "each goes its own way" says '^prepared$'
quilt exec dev -- rm /state
step quilt restore -f dev prepared
step quilt exec dev -- cat /state
check "and back again" says '^prepared$'
step quilt snapshot rm prepared
step quilt rm -f dev dev-1 dev-2 dev-3 dev-4 dev-5 dev-6 dev-7 dev-8
check "removed" ended 0

heading "Its memory ends where it was told"
# tail keeps all that it reads until a line ends.
step quilt run --name greedy --memory 32MiB -- sh -c 'tail -c 1000m /dev/zero'
check "the kernel killed it" ended 137
SHOW='"(oomKilled|exitCode)"' step quilt inspect --json greedy
check "and Quilt knows why" says '"oomKilled": *true'

heading "The daemon dies, the container does not"
step quilt run -d --name survivor -- sh -c 'echo before; while [ ! -e /tmp/go ]; do sleep 0.2; done; echo after; exit 7'
stop_quiltd KILL
echo "             killed quiltd with SIGKILL"
step quilt ps
check "no daemon answers now" refused
check "the container runs on" test -d "/proc/$pid"
start_quiltd
echo "             started another quiltd"
step quilt ps
check "it knows both" says 'survivor'
step quilt exec survivor -- touch /tmp/go
step quilt wait survivor
check "its exit code came through" says '^7$'
step quilt logs survivor
check "and so did all of its output" says '^after$'

heading "An end while no daemon runs"
step quilt run -d --name orphan -- sh -c 'sleep 2; exit 7'
orphan=$(quilt inspect --json orphan | sed -n 's/.*"pid": *\([0-9]*\).*/\1/p' | head -n 1)
stop_quiltd KILL
while [ -d "/proc/$orphan" ]; do sleep 0.1; done
echo "             killed quiltd, and waited for the container's end"
start_quiltd
step quilt wait orphan
check "the new quiltd reports 7" says '^7$'

heading "Gone again"
step quilt rm -f web inside db greedy survivor orphan
check "removed" ended 0
step quilt ps -aq
check "nothing is left" test -z "$output"

echo
if [ "$failures" -gt 0 ]; then
  echo "$failures checks FAILED"
  exit 1
fi
echo "all as told"
