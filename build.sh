#!/usr/bin/env bash
# Builds the programs into artifacts/bin.
set -euo pipefail
cd "$(dirname "$0")"
./setup.sh
rm -rf artifacts/bin
dotnet publish src/quilt-oci -c Release -o artifacts/publish/quilt-oci --nologo -v quiet
install -D artifacts/publish/quilt-oci/quilt-oci artifacts/bin/quilt-oci
echo "built: $(ls artifacts/bin | tr '\n' ' ')"
