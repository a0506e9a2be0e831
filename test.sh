#!/usr/bin/env bash
# Builds everything and runs every test. Ends with 'N passed, N failed, N skipped', summed over all tiers; fails where a
# tier ran fewer tests than it has to. QUILT_TEST_SLOWNESS=N has N times the patience, for a machine that is emulated.
set -euo pipefail
cd "$(dirname "$0")"
[ "$(id -u)" = 0 ] || { echo "test.sh: real containers need root" >&2; echo "  remedy: sudo ./test.sh" >&2; exit 1; }
export UseSharedCompilation=true # one compiler for some thirty projects: begun anew for each, it takes minutes more
./setup.sh
dotnet build Quilt.slnx -c Release --nologo -v quiet

# quiltd takes the longest to compile: the others are compiled, and what does not need it is tested, meanwhile.
compiled=$(mktemp) failures=$(mktemp) logs=$(mktemp -d)
trap 'rm -rf "$failures" "$logs" "$compiled"' EXIT
./build.sh --no-build quiltd >"$compiled" 2>&1 &
quiltd=$!
./build.sh --no-build quilt-shim quilt-oci quilt quilt-cognition || { wait "$quiltd" || true; exit 1; }

# One that hangs is told, and the others run all the same, as long as there is time.
slowness=${QUILT_TEST_SLOWNESS:-1}
[[ $slowness =~ ^[1-9][0-9]?$ ]] || { echo "test.sh: QUILT_TEST_SLOWNESS is '$slowness'" >&2; echo "  remedy: a whole number from 1 to 99, or nothing" >&2; exit 1; }
tier_seconds=$((1200 * slowness)) all_seconds=$((4200 * slowness))
passed=0 failed=0 skipped=0 status=0
declare -A begun=()
limited() { # COMMAND...
  local left=$((all_seconds - SECONDS))
  timeout --kill-after=30 "$((left < 1 ? 1 : left < tier_seconds ? left : tier_seconds))" "$@"
}
begin() { # PROJECT [OPTION]...: beside what follows, until its tier is asked for
  limited "tests/$1/bin/Release/net10.0/$1" -noColor "${@:2}" >"$logs/$1" 2>&1 &
  begun[$1]=$!
}
# Its end is waited for, not that of its output: a process that a failed test has left would hold that.
finish() { # PROJECT: prints what it said; as it ended
  local ended=0
  wait "${begun[$1]}" || ended=$?
  grep -vE '^\s*$' "$logs/$1" || true
  [ "$ended" != 124 ] || { echo "$1 was not done when its time was over" | tee -a "$failures"; failed=$((failed + 1)); }
  return "$ended"
}
tier() { # PROJECT MINIMUM [OPTION]...
  local log=$logs/$1 total errors bad omitted
  echo "== $1, at $SECONDS s"
  [ -n "${begun[$1]:-}" ] || begin "$1" "${@:3}"
  finish "$1" || true
  grep -A 12 -F '[FAIL]' "$log" >>"$failures" || true
  read -r total errors bad omitted < <(sed -nE 's/.*Total: ([0-9]+), Errors: ([0-9]+), Failed: ([0-9]+), Skipped: ([0-9]+).*/\1 \2 \3 \4/p' "$log" | tail -n 1) || true
  total=${total:-0} errors=${errors:-0} bad=${bad:-0} omitted=${omitted:-0}
  passed=$((passed + total - bad - omitted)) failed=$((failed + bad + errors)) skipped=$((skipped + omitted))
  [ "$total" -ge "$2" ] || { echo "$1 ran $total tests and has to run at least $2"; status=1; }
}
tier Quilt.Unit.Tests 270
tier Quilt.Aria.Tests 92
tier Quilt.Linux.Tests 230
tier Quilt.Kernel.Tests 225
tier Quilt.Registry.Tests 175
tier Quilt.Build.Tests 370
tier Quilt.Images.Tests 260
wait "$quiltd" || { cat "$compiled"; exit 1; }
begin Quilt.Cognition.Tests # which waits for the most part
tier Quilt.Cli.Tests 545
tier Quilt.Cognition.Tests 195
tier Quilt.Daemon.Tests 465
tier Quilt.Client.Tests 47
tier Quilt.Dashboard.Tests 40
begin Quilt.Soak.Tests # which waits for much, and looks at nothing but its own
tier Quilt.Examples.Tests 11
tier Quilt.Packages.Tests 20
tier Quilt.Soak.Tests 9
echo "== Model Context Protocol: conformance suite and inspector, at $SECONDS s"
limited tests/conformance/mcp/run.sh >"$logs/mcp" 2>&1 &
begun[mcp]=$!
mcp_status=0
finish mcp || mcp_status=$?
case $mcp_status in
  0) passed=$((passed + $(grep -c '^✓' "$logs/mcp"))) ;;
  77) skipped=$((skipped + 1)) ;; # its last line says why
  124) ;;
  *)
    failed=$((failed + 1))
    echo "tests/conformance/mcp/run.sh ended with $mcp_status" >>"$failures"
    ;;
esac
[ "$failed" = 0 ] || { echo "== What failed"; cat "$failures"; status=1; }
echo "$passed passed, $failed failed, $skipped skipped"
exit $status
