#!/usr/bin/env bash
# Makes the NuGet package Quilt.Client and its package of symbols. See usage below.
set -euo pipefail
cd "$(dirname "$0")/.."

usage() {
  cat <<'TEXT'
usage: packaging/nuget.sh [--no-build] [FOLDER]
  FOLDER       where the packages go: artifacts/packages unless given
  --no-build   packs what was built last
TEXT
}
fail() { echo "nuget.sh: $1" >&2; echo "  remedy: $2" >&2; exit 1; }

folder=artifacts/packages build=yes
while [ $# -gt 0 ]; do
  case "$1" in
    --no-build) build= ;;
    -h | --help) usage; exit 0 ;;
    -*) usage >&2; fail "'$1' is no option" "see above" ;;
    *) folder=$1 ;;
  esac
  shift
done
source packaging/source-date.sh
[ -z "$build" ] || dotnet build src/Quilt.Client -c Release --nologo -v quiet
dotnet pack src/Quilt.Client -c Release --no-build -o "$folder" --nologo -v quiet
ls "$folder"/Quilt.Client.*nupkg
