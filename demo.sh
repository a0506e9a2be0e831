#!/usr/bin/env bash
# The main story, told step by step with times and checked: an agent makes itself a development environment with PostgreSQL and Node.js, by
# MCP alone, uses it, and clears it away. Builds what is needed; what takes long is kept in artifacts for the next time.
set -euo pipefail
cd "$(dirname "$0")"
[ "$(id -u)" = 0 ] || { echo "demo.sh: containers need root" >&2; echo "  remedy: sudo ./demo.sh" >&2; exit 1; }
./setup.sh
./build.sh --if-changed
dotnet build examples/dev-environment -c Release --nologo -v quiet
exec examples/dev-environment/run.sh
