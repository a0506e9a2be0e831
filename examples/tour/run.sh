#!/usr/bin/env bash
# A walk through what Quilt does, by its command line: prints each step, what came of it and how long it took, and checks it. Ends with another
# code than 0 where a check failed. It starts a daemon of its own, and clears everything.
set -euo pipefail
source "$(dirname "$0")/../shared/teller.sh"

heading "A daemon of our own"
start_quiltd "quiltd, its database, its base image and its first shims"

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
start_quiltd "another quiltd"
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
start_quiltd "another quiltd"
step quilt wait orphan
check "the new quiltd reports 7" says '^7$'

heading "Gone again"
step quilt rm -f web inside db greedy survivor orphan
check "removed" ended 0
step quilt ps -aq
check "nothing is left" test -z "$output"

all_told
