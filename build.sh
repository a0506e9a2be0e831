#!/usr/bin/env bash
# Builds the programs into artifacts/bin. quiltd needs its libraries beside it: it lies in artifacts/lib/quiltd.
set -euo pipefail
cd "$(dirname "$0")"
./setup.sh
rm -rf artifacts/bin artifacts/lib
mkdir -p artifacts/bin
for program in quilt-oci quilt-shim quilt; do
  dotnet publish "src/$program" -c Release -o "artifacts/publish/$program" --nologo -v quiet
  install "artifacts/publish/$program/$program" "artifacts/bin/$program"
done
dotnet publish src/quiltd -c Release -o artifacts/lib/quiltd --nologo -v quiet
ln -s ../lib/quiltd/quiltd artifacts/bin/quiltd
echo "built: $(ls artifacts/bin | tr '\n' ' ')"
