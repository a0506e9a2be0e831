#!/usr/bin/env bash
# Builds the programs into artifacts/bin. quiltd needs its libraries beside it: it lies in artifacts/lib/quiltd.
# With --if-changed it builds only where a source is newer than what was built.
set -euo pipefail
cd "$(dirname "$0")"
if [ "${1:-}" = --if-changed ] && [ -e artifacts/built ]; then
  changed=$(find src proto *.props global.json -type f -newer artifacts/built -not -path '*/obj/*' -not -path '*/bin/*' -print -quit)
  [ -n "$changed" ] || exit 0
fi
./setup.sh
begun=$(date +@%s)
rm -rf artifacts/bin artifacts/lib artifacts/built
mkdir -p artifacts/bin
for program in quilt-oci quilt-shim quilt; do
  dotnet publish "src/$program" -c Release -o "artifacts/publish/$program" --nologo -v quiet
  install "artifacts/publish/$program/$program" "artifacts/bin/$program"
done
dotnet publish src/quiltd -c Release -o artifacts/lib/quiltd --nologo -v quiet
ln -s ../lib/quiltd/quiltd artifacts/bin/quiltd
touch -d "$begun" artifacts/built
echo "built: $(ls artifacts/bin | tr '\n' ' ')"
