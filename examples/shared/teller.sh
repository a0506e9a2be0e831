# Sourced by examples that start a daemon of their own and tell, check and time what they do with it. Clears everything at their end.
#   STATE  the daemon's state folder; one that is cleared too where it is not set
# Programs are those of QUILT_BIN, or artifacts/bin.
fail() { echo "${0##*/}: $1" >&2; echo "  remedy: $2" >&2; exit 1; }
[ "$(id -u)" = 0 ] || fail "containers need root" "sudo $0"
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
export PATH=${QUILT_BIN:-$root/artifacts/bin}:$PATH
command -v quiltd >/dev/null || fail "quiltd is not built" "./build.sh"

work=$(mktemp -d /tmp/quilt-example-XXXXXX)
group=${work##*/}
state=${STATE:-$work/state}
unset QUILT_TOKEN QUILT_TOKEN_FILE QUILT_SESSION
export QUILT_HOST=unix://$work/run/quilt.sock
quiltd= failures=0

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

start_quiltd() { # WHAT TO TELL OF IT
  local begun tries
  begun=$(date +%s%N)
  quiltd --state-dir "$state" --run-dir "$work/run" --socket "$work/run/quilt.sock" --cgroup-parent "$group" >>"$work/quiltd.log" 2>&1 &
  quiltd=$!
  for tries in $(seq 300); do
    if quilt version >/dev/null 2>&1; then
      tell "$begun" "$1"
      return
    fi
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
tell() { # NANOSECONDS WHEN IT BEGAN, WHAT
  printf '%9.1f ms  %s\n' "$((($(date +%s%N) - $1) / 10000))e-2" "$2"
}
# Runs a command; its output is in $output, its exit code in $code. SHOW is what a line has to match to be printed.
step() {
  local begun
  begun=$(date +%s%N)
  code=0
  output=$("$@" 2>&1) || code=$?
  tell "$begun" "$ $*"
  grep -E -- "${SHOW:-}" <<<"$output" | grep . | sed 's/^ */              /' || true
}
check() { # WHAT CONDITION...
  local what=$1
  shift
  if "$@"; then
    printf '          ok  %s\n' "$what"
  else
    printf '      FAILED  %s\n' "$what"
    failures=$((failures + 1))
  fi
}
says() { grep -qE -- "$1" <<<"$output"; }
ended() { [ "$code" = "$1" ]; }
refused() { ! ended 0; }
# The last line of an example.
all_told() {
  echo
  [ "$failures" = 0 ] || { echo "$failures checks FAILED"; exit 1; }
  echo "all as told"
}
