#!/usr/bin/env bash
# Runs the public conformance suite of the Model Context Protocol against a quiltd over TLS and with a token, and the protocol
# inspector's command line over 'quilt mcp'. What they say is kept in artifacts/mcp-conformance.
# Prints a line for each scenario; fails where one does that is not in expected-failures.yml; ends with 77 where npm has no packages.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../../.."
[ "$(id -u)" = 0 ] || { echo "run.sh: quiltd needs root" >&2; exit 1; }
results=$PWD/artifacts/mcp-conformance
modules=$PWD/artifacts/npm
rm -rf "$results"
mkdir -p "$results" "$modules"
cp "$here/package.json" "$here/package-lock.json" "$modules/"
(cd "$modules" && npm ci --no-audit --no-fund --loglevel=error >"$results/npm.log" 2>&1) || { echo "the suite's packages cannot be had from npm: $(tail -n 1 "$results/npm.log")"; exit 77; }
PATH=$modules/node_modules/.bin:$PATH

folder=$(mktemp -d)
port=$((20000 + RANDOM % 20000))
artifacts/bin/quiltd --state-dir "$folder/state" --run-dir "$folder/run" --cgroup-parent quilt-mcp-conformance --host-id-claims "$folder/ids" \
  --http "127.0.0.1:$port" --log-level Warning >"$results/quiltd.log" 2>&1 &
daemon=$!
proxy=
export QUILT_HOST="unix://$folder/run/quilt.sock"
finish() {
  [ -z "$proxy" ] || kill "$proxy" 2>/dev/null || true
  env -u QUILT_TOKEN artifacts/bin/quilt agent rm -f conformance >/dev/null 2>&1 || true
  kill "$daemon" 2>/dev/null || true
  wait "$daemon" 2>/dev/null || true
  rm -rf "$folder"
}
trap finish EXIT
for _ in $(seq 200); do artifacts/bin/quilt version >/dev/null 2>&1 && break; read -rt 0.1 <> <(:) || true; done

printf 'name: conformance\ngrant: {limits: {containers: 4}}\n' >"$folder/agent.yaml"
QUILT_TOKEN=$(artifacts/bin/quilt agent create -q -f "$folder/agent.yaml")
coproc proxy_out { exec node "$here/proxy.mjs" "$((port + 1))" "$port" "$folder/state/http.crt" "$QUILT_TOKEN"; }
proxy=$proxy_out_PID
read -r _ <&"${proxy_out[0]}"

status=0
node "$modules/node_modules/@modelcontextprotocol/conformance/dist/index.js" server --url "http://localhost:$((port + 1))/mcp" --suite all \
  --expected-failures "$here/expected-failures.yml" --output-dir "$results" >"$results/conformance.txt" 2>&1 || status=1
sed -n '/=== SUMMARY/,$p' "$results/conformance.txt"

export QUILT_TOKEN
inspect() { mcp-inspector --cli -e "QUILT_HOST=$QUILT_HOST" -e "QUILT_TOKEN=$QUILT_TOKEN" "$PWD/artifacts/bin/quilt" mcp "$@"; }
inspector() { # WHAT PATTERN ARGUMENTS...
  local what=$1 pattern=$2; shift 2
  if inspect "$@" >"$results/inspector-$what.json" 2>"$results/inspector-$what.err" && grep -q "$pattern" "$results/inspector-$what.json"; then
    echo "✓ inspector $what"
  else
    echo "✗ inspector $what"; tail -n 5 "$results/inspector-$what.err" >&2; status=1
  fi
}
inspector tools-list '"createContainer"' --method tools/list
inspector tools-call '"state"' --method tools/call --tool-name createContainer --tool-arg name=inspected --tool-arg strategy=service
inspector resources-read 'Quilt' --method resources/read --uri quilt://guide
inspector prompts-get '"messages"' --method prompts/get --prompt-name onboarding
exit $status
