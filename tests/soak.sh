#!/usr/bin/env bash
# The long form of the soak: lifecycles of mixed work over a real quiltd, with kills, full disks, few descriptors, little memory, a
# jumping clock, slow clients and a thousand requests at once. See docs/testing.md.
#   tests/soak.sh [--lifecycles N] [--seed N] [--clients N] [--between N] [--alone] [--only PART]...
# PART is a part of a test's name, such as kills, disk, descriptors, memory, clock, nothing_hold, gRPC, HTTP or does_not_grow.
set -euo pipefail
cd "$(dirname "$0")/.."
export QUILT_SOAK_LIFECYCLES=10000
only=()
while [ $# -gt 0 ]; do
  case $1 in
    --lifecycles) export QUILT_SOAK_LIFECYCLES=$2; shift ;;
    --seed) export QUILT_SOAK_SEED=$2; shift ;;
    --clients) export QUILT_SOAK_CLIENTS=$2; shift ;;
    --between) export QUILT_SOAK_BETWEEN=$2; shift ;;
    --alone) export QUILT_SOAK_ALONE=1 ;;
    --only) only+=(-method "*$2*"); shift ;;
    *) echo "soak.sh: unknown option '$1'" >&2; echo "  remedy: see the head of $0" >&2; exit 2 ;;
  esac
  shift
done
[ "$(id -u)" = 0 ] || { echo "soak.sh: real containers need root" >&2; echo "  remedy: sudo $0" >&2; exit 1; }
./build.sh --if-changed
dotnet build tests/Quilt.Soak.Tests -c Release --nologo -v quiet
exec tests/Quilt.Soak.Tests/bin/Release/net10.0/Quilt.Soak.Tests -noColor ${only[@]+"${only[@]}"}
