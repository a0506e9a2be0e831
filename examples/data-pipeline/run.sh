#!/usr/bin/env bash
# A pipeline of three stages. Each is a container of its own, without a network and with little memory, that sees what the stage before it made, to
# read alone, and the volume that it writes. Wants a quiltd (QUILT_HOST), and quilt on PATH.
set -euo pipefail
cd "$(dirname "$0")"

heading() { printf '\n%s\n' "$1"; }
check() { # WHAT COMMAND...
  local what=$1
  shift
  if ! "$@"; then
    echo "      FAILED  $what" >&2
    exit 1
  fi
  echo "          ok  $what"
}
clear_all() {
  quilt rm -f pipeline-reader >/dev/null 2>&1 || true
  for volume in raw orders reports; do quilt volume rm $volume >/dev/null 2>&1 || true; done
  quilt rmi pipeline:1 >/dev/null 2>&1 || true
}
trap clear_all EXIT

stage() { # PROGRAM IN OUT: what it says comes as it says it, and its exit code is ours
  local mounts=(-v "$3:/out")
  [ -z "$2" ] || mounts+=(-v "$2:/in:ro")
  quilt run -q --rm -i "${mounts[@]}" --read-only --memory 32MiB --pids 16 --ttl 5m pipeline:1 -- "/stages/$1"
}
TIMEFORMAT='       %3R s'

heading "One image with the three programs, and a volume for what each of them makes"
time quilt build -q -t pipeline:1 .
for volume in raw orders reports; do quilt volume create -q --size 16MiB $volume; done

heading "extract: the host's file is its stdin; of the host it sees nothing"
time stage extract "" raw <orders.csv

heading "clean: what it reads it cannot change"
check "no stage writes into what the one before it made" eval '! quilt run --rm -v raw:/in:ro pipeline:1 -- sh -c "echo forged >>/in/2026-01-30.csv" 2>/dev/null'
time stage clean raw orders </dev/null

heading "report: a stage that fails says so by its exit code, and what was made before it is there to go on from"
check "on an empty volume there is nothing to clean" eval '! stage clean reports orders </dev/null'
time stage report orders reports </dev/null

heading "The result comes to the host"
quilt create -q --name pipeline-reader -v reports:/out:ro pipeline:1 >/dev/null
result=$(quilt cp -q pipeline-reader:/out/report - | tar -xO)
echo "$result"
check "it is what it should be" test "$result" = $'210 grace\n150 ada\n80 brian\n64 dennis'
