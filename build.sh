#!/usr/bin/env bash
# Builds the programs into artifacts/bin, and beside them the one library that quiltd loads; with names, those programs alone.
# With --if-changed it builds all, and only where a source is newer than what was built. With --no-build they are compiled ahead of time alone:
# `dotnet build` has built them.
set -euo pipefail
cd "$(dirname "$0")"
if [ "${1:-}" = --if-changed ]; then
  shift
  if [ -e artifacts/built ]; then
    changed=$(find src proto *.props global.json -type f -newer artifacts/built -not -path '*/obj/*' -not -path '*/bin/*' -print -quit)
    [ -n "$changed" ] || exit 0
  fi
fi
build=1
[ "${1:-}" != --no-build ] || { shift; build=; }
./setup.sh
begun=$(date +@%s)
rm -f artifacts/built
mkdir -p artifacts/bin
all=(quiltd quilt quilt-oci quilt-shim quilt-cognition)
programs=("$@")
[ $# -gt 0 ] || programs=("${all[@]}")
[ -z "$build" ] || for program in "${programs[@]}"; do
  dotnet build "src/$program" -c Release --nologo -v quiet
done

# Compiling ahead of time takes the most: quiltd as long as all others, beside them. Nothing is built any more, so they do not meet.
publish() { # PROGRAM
  dotnet publish "src/$1" -c Release --no-build -o "artifacts/publish/$1" --nologo -v quiet
  install "artifacts/publish/$1/$1" "artifacts/bin/$1"
  [ "$1" != quiltd ] || install -m 0644 artifacts/publish/quiltd/libe_sqlite3.so artifacts/bin/
}
publish "${programs[0]}" &
first=$!
for program in "${programs[@]:1}"; do
  publish "$program" || { kill "$first" 2>/dev/null || true; exit 1; }
done
wait "$first"
[ $# -gt 0 ] || touch -d "$begun" artifacts/built
echo "built: ${programs[*]}"
