#!/usr/bin/env bash
# Builds the programs into artifacts/bin, and beside them the one library that quiltd loads.
# With --if-changed it builds only where a source is newer than what was built.
set -euo pipefail
cd "$(dirname "$0")"
if [ "${1:-}" = --if-changed ] && [ -e artifacts/built ]; then
  changed=$(find src proto *.props global.json -type f -newer artifacts/built -not -path '*/obj/*' -not -path '*/bin/*' -print -quit)
  [ -n "$changed" ] || exit 0
fi
./setup.sh
begun=$(date +@%s)
rm -rf artifacts/bin artifacts/built
mkdir -p artifacts/bin
programs=(quiltd quilt quilt-oci quilt-shim quilt-cognition)
for program in "${programs[@]}"; do
  dotnet build "src/$program" -c Release --nologo -v quiet
done

# Compiling ahead of time takes the most: quiltd as long as all others, beside them. Nothing is built any more, so they do not meet.
publish() {
  local program
  for program in "$@"; do
    dotnet publish "src/$program" -c Release --no-build -o "artifacts/publish/$program" --nologo -v quiet || return
    install "artifacts/publish/$program/$program" "artifacts/bin/$program"
  done
}
publish "${programs[0]}" &
quiltd=$!
publish "${programs[@]:1}" || { kill "$quiltd" 2>/dev/null || true; exit 1; }
wait "$quiltd"
install -m 0644 artifacts/publish/quiltd/libe_sqlite3.so artifacts/bin/
touch -d "$begun" artifacts/built
echo "built: $(ls artifacts/bin | tr '\n' ' ')"
