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
for program in quilt-oci quilt-shim quilt quiltd quilt-cognition; do
  dotnet publish "src/$program" -c Release -o "artifacts/publish/$program" --nologo -v quiet
  install "artifacts/publish/$program/$program" "artifacts/bin/$program"
done
install -m 0644 artifacts/publish/quiltd/libe_sqlite3.so artifacts/bin/
touch -d "$begun" artifacts/built
echo "built: $(ls artifacts/bin | tr '\n' ' ')"
