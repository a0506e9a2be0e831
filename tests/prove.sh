#!/usr/bin/env bash
# Runs the tests that SPECIFICATION.md names: one as it stands there, a whole class, or all classes that a section names.
#   tests/prove.sh 'IsolationTests.Shared_memory…'     tests/prove.sh IsolationTests     tests/prove.sh 'Known breakouts'
# With --list it only says which. It needs what ./build.sh and `dotnet build Quilt.slnx -c Release` make, and root where containers run.
set -euo pipefail
cd "$(dirname "$0")/.."
list=
[ "${1:-}" != --list ] || { list=1; shift; }
[ $# = 1 ] || { sed -n '2,4s/^# //p' "$0" >&2; exit 2; }

if [[ $1 =~ ^[A-Z][A-Za-z]*Tests(\.|$) ]]; then
  classes=${1%%.*} sentence=${1#"$classes"}
  sentence=${sentence#.}
else
  classes=$(awk -v heading="## $1" '/^## /{ inside = $0 == heading } inside' SPECIFICATION.md | grep -oE '`[A-Z][A-Za-z]*Tests\b' | tr -d '`' | sort -u || true) sentence=
  [ -n "$classes" ] || { echo "prove.sh: SPECIFICATION.md has no section '$1' that names tests" >&2; echo "  remedy: one of: $(sed -n 's/^## //p' SPECIFICATION.md | paste -sd, | sed 's/,/, /g')" >&2; exit 2; }
fi

written=$(grep -roE 'class [A-Za-z]+Tests\b' tests --include='*Tests*.cs')
declare -A chosen=()
for class in $classes; do
  folders=$(grep ":class $class$" <<<"$written" | cut -d/ -f2 | sort -u || true)
  [ -n "$folders" ] || { echo "prove.sh: there is no class '$class'" >&2; exit 2; }
  for folder in $folders; do chosen[$folder]+=" $class"; done
done
for folder in "${!chosen[@]}"; do
  selection=()
  for class in ${chosen[$folder]}; do
    if [ -z "${sentence%\*}" ]; then selection+=(-class "*.$class"); else selection+=(-method "*.$class.${sentence//…/*}"); fi
  done
  echo "tests/$folder/bin/Release/net10.0/$folder -noColor ${selection[*]}"
  [ -n "$list" ] || "tests/$folder/bin/Release/net10.0/$folder" -noColor "${selection[@]}"
done
