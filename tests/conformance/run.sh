#!/usr/bin/env bash
# Runs the OCI runtime validation suite, built elsewhere, with one runtime or more, and counts what passes whole.
# Usage: tests/conformance/run.sh SUITE RUNTIME...   (how to build SUITE: docs/oci-conformance.md)
set -uo pipefail
[ $# -ge 2 ] || { echo "usage: $0 SUITE RUNTIME..." >&2; exit 2; }
[ "$(id -u)" = 0 ] || { echo "the suite needs root" >&2; exit 1; }
suite=$(realpath "$1"); shift
results=${RESULTS:-$(mktemp -d)}
mkdir -p "$results"
runtimes=()
for runtime in "$@"; do
  path=$(command -v "$runtime") || { echo "there is no runtime $runtime" >&2; exit 1; }
  runtimes+=("$(realpath "$path")")
done
cd "$suite"
shopt -s nullglob
for runtime in "${runtimes[@]}"; do
  passed=0 total=0
  out="$results/$(basename "$runtime")"
  mkdir -p "$out"
  : > "$out/summary"
  for program in validation/*/*.t; do
    name=$(basename "$program" .t) total=$((total + 1)) status=0
    RUNTIME=$runtime timeout 60 "$program" > "$out/$name.tap" 2>&1 < /dev/null || status=$?
    # Whole: it ran to its end, said at least one ok and no 'not ok'. A nested test's lines are indented.
    if [ "$status" = 0 ] && grep -qE '^\s*ok' "$out/$name.tap" && ! grep -qE '^\s*not ok|^panic' "$out/$name.tap"; then
      passed=$((passed + 1)); echo "pass $name" >> "$out/summary"
    else
      echo "fail $name ($status)" >> "$out/summary"
    fi
  done
  echo "$(basename "$runtime"): $passed of $total pass whole; output in $out"
done
