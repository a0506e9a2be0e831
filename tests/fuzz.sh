#!/usr/bin/env bash
# The long form of fuzzing: every property of what others write (Fuzz.Run), guided by the edges that its inputs take in Quilt's own
# code, and for as long without guidance, to compare. See docs/testing.md.
#   tests/fuzz.sh [TARGET] [SECONDS]
# TARGET is a part of a property's Class.Method, all by default; SECONDS (60) each of them has, twice. What is found is kept in
# QUILT_FUZZ_FOLDER (TestResults/fuzz), where another run goes on from. Fails where an input failed.
set -euo pipefail
cd "$(dirname "$0")/.."
part=${1:-} seconds=${2:-60}
case $seconds in '' | *[!0-9]* | 0) echo "fuzz.sh: '$seconds' is no number of seconds" >&2; echo "  remedy: see the head of $0" >&2; exit 2 ;; esac
folder=${QUILT_FUZZ_FOLDER:-$PWD/TestResults/fuzz}
mkdir -p "$folder"

# As 'PROJECT CLASS.METHOD'. What is in front of a daemon is left out: that is another process, and compiled ahead of time.
targets=$(grep -rlE 'Fuzz\.Run\(' tests --include='*Tests.cs' | xargs grep -L 'HostileDaemon hostile' | sort | xargs awk -v part="$part" '
  FNR == 1 { split(FILENAME, path, "/"); class = path[length(path)]; sub(/\.cs$/, "", class) }
  match($0, /public (void|async Task) [A-Za-z0-9_]+\(/) { method = substr($0, RSTART, RLENGTH - 1); sub(/.* /, "", method) }
  /Fuzz\.Run\(/ && method != "" { name = class "." method; method = ""; if (index(name, part)) print path[2], name }')
[ -n "$targets" ] || { echo "fuzz.sh: no property is called '*$part*'" >&2; echo "  remedy: see SPECIFICATION.md, 'What others write'" >&2; exit 2; }

export UseSharedCompilation=true
dotnet build tests/Quilt.Fuzzing.Instrumenter -c Release --nologo -v quiet -clp:NoSummary
for project in $(cut -d' ' -f1 <<<"$targets" | sort -u); do
  # A copy, which nothing else runs or packs.
  dotnet build "tests/$project" -c Release --nologo -v quiet -clp:NoSummary
  rm -rf "tests/$project/bin/Fuzz"
  cp -a "tests/$project/bin/Release/net10.0" "tests/$project/bin/Fuzz"
  mapfile -t own < <(cd "tests/$project/bin/Fuzz" && ls Quilt.*.dll quilt*.dll ARSoft.Tools.Net.dll 2>/dev/null | grep -vE '\.Tests\.|^Quilt\.(Fuzzing|Testing)\.' | sed 's/\.dll$//')
  tests/Quilt.Fuzzing.Instrumenter/bin/Release/net10.0/Quilt.Fuzzing.Instrumenter "tests/$project/bin/Fuzz" "${own[@]}"
done

run() { # PROJECT TARGET MODE: into $folder/TARGET/MODE
  local into=$folder/$2/$3 ended=0 rest what
  mkdir -p "$into/crashes"
  rm -f "$into/result" "$into/running"
  QUILT_FUZZ_COVERAGE=$3 QUILT_FUZZ_SECONDS=$seconds QUILT_FUZZ_FOLDER=$folder DOTNET_STARTUP_HOOKS=$PWD/tests/$1/bin/Fuzz/Quilt.Fuzzing.dll \
    timeout --foreground --kill-after=30 $((seconds + 120)) "tests/$1/bin/Fuzz/$1" -noColor -method "*.$2" >"$into/log" 2>&1 || ended=$?
  # What ended the process is the input that was under way.
  if [ -e "$into/running" ]; then
    rest=$into/crashes/ended-$(sha256sum <"$into/running" | cut -c1-16)
    mv "$into/running" "$rest.input"
    { echo "the process ended with $ended while it read this"; tail -n 40 "$into/log"; } >"$rest.txt"
    # 124 and 137: by 'timeout'.
    case $ended in 124 | 137) what="0 1" ;; *) what="1 0" ;; esac
    [ -e "$into/result" ] || echo "0 0 0 $what" >"$into/result"
  elif [ ! -e "$into/result" ]; then
    echo "fuzz.sh: $2 did not run:" >&2; tail -n 20 "$into/log" >&2; exit 1
  fi
  [ "$(cut -d' ' -f4,5 "$into/result")" = "0 0" ] || failed=1
}

failed=0
trap 'exit 130' INT
row='%-70.70s %10s %7s %10s %7s %6s %7s %5s\n'
# shellcheck disable=SC2059
printf "$row" "$seconds s each" unguided edges guided edges corpus crashes hangs
while read -r project target; do
  run "$project" "$target" unguided
  run "$project" "$target" guided
  read -r plain_runs plain_edges _ plain_crashes plain_hangs <"$folder/$target/unguided/result"
  read -r runs edges kept crashes hangs <"$folder/$target/guided/result"
  # shellcheck disable=SC2059
  printf "$row" "$target" "$plain_runs" "$plain_edges" "$runs" "$edges" "$kept" "$((plain_crashes + crashes))" "$((plain_hangs + hangs))"
done <<<"$targets"
[ "$failed" = 0 ] || { echo "What failed, each beside its reason:"; find "$folder" -path '*/crashes/*.txt'; }
exit "$failed"
