#!/usr/bin/env bash
# Builds and runs the benchmark: Quilt and whichever peers are installed, in one run. Arguments go to it; see --help.
# It starts a private quiltd and, where no dockerd runs, a private dockerd, and ends both.
set -euo pipefail
cd "$(dirname "$0")/.."
fail() { echo "bench/run.sh: $1" >&2; echo "  remedy: $2" >&2; exit 1; }

[ "$(id -u)" = 0 ] || fail "containers need root" "sudo bench/run.sh"
for peer in dockerd:docker.io podman:podman buildah:buildah runc:runc crun:crun bwrap:bubblewrap; do
  command -v "${peer%%:*}" >/dev/null || echo "no ${peer%%:*} to compare with: apt-get install ${peer##*:}" >&2
done
command -v iperf3 >/dev/null || echo "no iperf3 to measure throughput with: apt-get install iperf3" >&2
command -v docker-registry >/dev/null || echo "no docker-registry to pull from: apt-get install docker-registry" >&2
./build.sh --if-changed >&2
dotnet build bench/Quilt.Bench -c Release --nologo -v quiet >&2
exec bench/Quilt.Bench/bin/Release/net10.0/Quilt.Bench "$@"
