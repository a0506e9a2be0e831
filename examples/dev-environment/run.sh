#!/usr/bin/env bash
# The whole story, told with times: an operator gives an agent a part of the host, and the agent, by MCP alone, makes a development environment
# with a real PostgreSQL and a real Node.js server, uses it, loses its daemon in between, and clears it away.
# Ends with another code than 0 where something was not as it has to be; with 77 where there are no packages to build of, and why.
# The base image and what was built are kept in QUILT_EXAMPLE_STATE (artifacts/dev-environment) for the next time.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
kept=${QUILT_EXAMPLE_STATE:-$here/../../artifacts/dev-environment}
mkdir -p "$kept"
kept=$(cd "$kept" && pwd)
# One at a time: they share what is kept.
[ -n "${QUILT_EXAMPLE_LOCKED:-}" ] || QUILT_EXAMPLE_LOCKED=1 exec flock -o "$kept/lock" "$0"
STATE=$kept/state
source "$here/../shared/teller.sh"
agent=$here/bin/Release/net10.0/DevEnvironment
[ -x "$agent" ] || fail "the agent is not built" "dotnet build -c Release $here"

# Where Debian's packages come from. A name leads to public addresses alone; a mirror at a private one is gone to by its address, as a proxy.
mirror() {
  local name=deb.debian.org address
  address=$(getent ahostsv4 $name | awk '{ print $1; exit }') || true
  [ -n "$address" ] || { echo "skipped: there is no address of $name, where Debian's packages come from"; exit 77; }
  quilt run -q -d --name mirror >/dev/null
  quilt connect -q mirror $name:80 >/dev/null
  if quilt exec mirror -- wget -q -O /dev/null http://$name/debian/dists/bookworm/InRelease 2>/dev/null; then
    mirror=$name:80 pattern=$name proxy=
  else
    mirror=$address/32:80 pattern=$address/32 proxy=http://$address:80
    quilt connect -q mirror "$mirror" >/dev/null
    quilt exec -e http_proxy="$proxy" mirror -- wget -q -O /dev/null http://$name/debian/dists/bookworm/InRelease ||
      { echo "skipped: $name does not answer, where Debian's packages come from"; exit 77; }
  fi
  quilt rm -f mirror >/dev/null
}

grant() {
  cat <<grant
grant:
  images: ['dev-*', 'debian:bookworm']
  egress: ['$pattern']
  ports: [{from: 18080, to: 18099}]
  limits: {containers: 6, memory: 4GiB, volumes: 2, ttl: 24h}
grant
}

heading "The operator: a daemon, Debian as a base image, and an agent with a part of the host"
start_quiltd "quiltd"
mirror
if [ ! -e "$kept/debian.tar" ]; then
  # What nobody reads in a container is left out, and dpkg waits for no disk: the archive is there whole, or is made again.
  step mmdebstrap --quiet --format=tar --variant=apt --dpkgopt=force-unsafe-io --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/*' bookworm "$kept/debian.tar.new"
  ended 0 || fail "mmdebstrap ended with $code" "its last words are above"
  mv "$kept/debian.tar.new" "$kept/debian.tar"
fi
if ! quilt image inspect debian:bookworm >/dev/null 2>&1; then
  step quilt import -c 'CMD ["bash"]' "$kept/debian.tar" debian:bookworm
  ended 0 || fail "Debian could not be imported" "remove $kept"
fi
# The agent is the same each time: what it has built is found again.
if ! grant | cmp -s - "$kept/agent.yaml" || ! quilt agent inspect developer >/dev/null 2>&1; then
  ! quilt agent inspect developer >/dev/null 2>&1 || quilt agent rm -f developer >/dev/null
  grant >"$kept/agent.yaml"
  SHOW=. step quilt agent create --no-token -f "$kept/agent.yaml" developer
fi
QUILT_TOKEN=$(quilt agent token create -q --ttl 1h developer)
# What a run has left that was cut.
quilt --token "$QUILT_TOKEN" session end dev >/dev/null 2>&1 || true
quilt --token "$QUILT_TOKEN" volume rm dev-data >/dev/null 2>&1 || true
as_agent() { QUILT_TOKEN=$QUILT_TOKEN DEBIAN_MIRROR=$mirror DEBIAN_PROXY=$proxy "$agent" "$1" || failures=$((failures + 1)); }

as_agent up
[ "$failures" = 0 ] || all_told
# Layers that no image has go with it; by these names those of the agent's images are there for the next time.
quilt tag dev-db:1 kept/dev-db:1 >/dev/null
quilt tag dev-web:1 kept/dev-web:1 >/dev/null

heading "The daemon is killed, and another one started"
stop_quiltd KILL
start_quiltd "another quiltd"
as_agent check
as_agent down

heading "The operator looks whether anything is left"
step quilt ps -aq
check "no container" test -z "$output"
step quilt volume ls -q
check "no volume" test -z "$output"
step quilt images
check "no image of the agent's" eval '! says "^dev-"'
step quilt port ls -q
check "no port" test -z "$output"
stop_quiltd TERM
check "no process" eval '! grep -qsF "$work/run" /proc/[0-9]*/cmdline'
check "no control group" test -z "$(find /sys/fs/cgroup/"$group" /sys/fs/cgroup/*/"$group" -maxdepth 1 -name "$(cat "$state/instance")" 2>/dev/null)"
check "no mount" eval '! grep -qF -e "$work/" -e "$kept/" /proc/self/mountinfo'
all_told
