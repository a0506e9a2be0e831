#!/usr/bin/env bash
# Builds the programs into artifacts/bin.
set -euo pipefail
cd "$(dirname "$0")"
./setup.sh
rm -rf artifacts/bin
for program in quilt-oci quilt-shim; do
  dotnet publish "src/$program" -c Release -o "artifacts/publish/$program" --nologo -v quiet
  install -D "artifacts/publish/$program/$program" "artifacts/bin/$program"
done
echo "built: $(ls artifacts/bin | tr '\n' ' ')"
