#!/usr/bin/env bash
# Runs one example of docs/cli.md as it stands, in the current folder, with what it speaks of made before and cleared away after it.
# Usage: scene.sh LINE, with quilt on the PATH, REGISTRY, an address, and a daemon that has it as the mirror of docker.io.
set -euo pipefail
exec </dev/null # nobody types
line=$1

# Programs of others, and other hosts, are stood in for: what matters is quilt's side of a line.
ssh() { while [[ $1 == -* ]]; do shift 2; done; shift; bash -c "$*"; }
docker() { [ "$1" = save ] && shift && quilt save "$@"; }
dot() { grep -q '^digraph'; }

server() { quilt run -q -d --name "$1" -- sh -c 'trap "" HUP; nc -ll -p 5432 -e true & httpd -p 80 -h /etc; echo listening on 80; while sleep 1; do echo error; done'; }
web() { server web; }
db() { quilt run -q -d --name db --health-cmd true --health-interval 1s -- nc -ll -p 5432 -e true; }
dns() { server dns; }
dev() { quilt run -q -d --name dev -- sh -c 'mkdir -p /app/out; echo made >/app/out/one; exec sleep 1000'; quilt exec dev sh -c 'until [ -e /app/out/one ]; do :; done'; }
job() { quilt run -q -d --name job -- sleep 1; }
data() { quilt volume create -q data; }
backend() { quilt network create -q backend; }
services() { quilt network create -q --subnet 10.7.0.0/24 services; }
snapshot() { quilt snapshot -q dev "${1:-before-upgrade}"; }
app() { quilt tag quilt/busybox app:1; }
remote() { quilt tag quilt/busybox "$REGISTRY/$1"; quilt push -q "$REGISTRY/$1"; quilt rmi "$REGISTRY/$1"; } # NAME: in the registry alone
debian() { remote library/debian:12; quilt pull -q debian:12; }
helper() { [ -e helper.yaml ] || echo 'name: helper' >helper.yaml; TOKEN=$(quilt agent create -q helper); }

speaks_of() { [[ " $line " =~ [^[:alnum:]_-]$1[^[:alnum:]_-] ]]; }
make_what_it_speaks_of() {
  local thing
  for thing in web db dns dev job data backend services helper; do speaks_of "$thing" && "$thing"; done
  [[ $line != *before-upgrade* ]] || snapshot
  [[ $line != *app:1* ]] || app
  [[ $line != *debian:12* ]] || debian
}

as_it_stands() { eval "$line"; }
in_terminal() { TERM=xterm script --quiet --return --command "$line" /dev/null <<<"$1"; } # INPUT
until_it_speaks() { # what goes on for ever ends by a signal, when it has said something
  local said ended=0
  coproc { exec bash -c "exec $line"; }
  local process=$COPROC_PID
  until IFS= read -r -t 0.1 -n 1 -u "${COPROC[0]}" said; do quilt run -q --rm -- true; done
  kill -TERM "$process"
  wait "$process" || ended=$?
  [ "$ended" = 143 ]
}

run=as_it_stands
case $line in
  'quilt run '*' -it '*) run='in_terminal exit' ;;
  'quilt run '* | 'quilt create '*) ;;
  'quilt start job') quilt create -q --name job -- true ;;
  'quilt unpause job') job; quilt pause job ;;
  'quilt rm $('*) quilt create -q; quilt create -q ;;
  'quilt exec '*'< data') web; echo text >data ;;
  'quilt exec -it '*) web; run='in_terminal exit' ;;
  'quilt attach --exec '*) quilt run -q -d --name job -- sleep 1000; line=${line/0123456789abcdef/$(quilt exec -d job echo hi)} ;;
  'quilt kill '*' --exec '*) quilt run -q -d --name job -- sleep 1000; line=${line/0123456789abcdef/$(quilt exec -d job sleep 1000)} ;;
  'quilt cp ./src '*) dev; mkdir src; echo text >src/file ;;
  'quilt cp '*' results') dev; mkdir results ;;
  'quilt logs '*' -f '*) web; run=until_it_speaks ;;
  'quilt events -f') run=until_it_speaks ;;
  'quilt stats') web ;;
  'quilt top '*) web; run='in_terminal q' ;;
  'quilt sever '*) web; db; quilt connect -q web db:5432 ;;
  'quilt network create '*) ;;
  'quilt network rm '*) backend; quilt network create -q cache ;;
  'quilt network disconnect '*) backend; db; quilt network connect backend db ;;
  'quilt volume create '*) ;;
  'quilt volume rm '*) data; quilt volume create -q cache ;;
  'quilt volume detach '*) web; data; quilt volume attach web data:/data ;;
  'quilt volume save '*' | ssh '*) data; ssh() { cat >sent; quilt volume rm data; "${@:2}" <sent; } ;;
  'quilt volume load '*) data; quilt volume save -o data.tar data; quilt volume rm data ;;
  'quilt port unbind 8080') web; quilt port bind web 8080:80 ;;
  'quilt port unbind '*'/udp') dns; quilt port bind dns '[::1]:5353:53/udp' ;;
  'quilt port unexpose '*) db; quilt port expose db 5432 ;;
  'quilt snapshot dev '*) dev ;;
  'quilt snapshot inspect '*) dev; snapshot ;;
  'quilt snapshot rm '*) dev; snapshot; snapshot after-upgrade ;;
  'quilt fork --snapshot '*) dev; snapshot ;;
  'quilt pull debian:12') remote library/debian:12 ;;
  'quilt pull registry.example'*) remote team/app:1; quilt pull -q "$REGISTRY/team/app:1" >pulled; line=${line/sha256:…/$(grep -o 'sha256:[0-9a-f]*' pulled)} ;;
  'quilt push registry.example'*) quilt tag quilt/busybox "$REGISTRY/team/app:1" ;;
  'quilt build '*) printf 'FROM quilt/busybox\nARG VERSION\nRUN --mount=type=secret,id=key true\n' >Dockerfile; echo key >key.pem ;;
  'quilt rmi '* | 'quilt image rm '*) app; quilt tag app:1 app:2 ;;
  'quilt load '*) app; quilt save -o app.tar app:1 ;;
  'quilt import '*) dev; quilt cp -q dev:/. - | zstd -q -o rootfs.tar.zst ;;
  'quilt logout '*) quilt login -u ci --password-stdin "$REGISTRY" <<<password ;;
  'quilt login '*) echo password >password ;;
  'quilt tool call createContainer '*) echo '{"name": "web", "image": "quilt/busybox"}' >web.json ;;
  *'"$TOKEN"') helper ;;
  'quilt mcp install cursor '*) mkdir -p ~/.config/quilt; (umask 077; quilt agent create -q helper >~/.config/quilt/helper.token) ;;
  'quilt agent create helper') ;;
  'quilt agent create '*) echo 'grant: {limits: {containers: 2}}' >helper.yaml ;;
  'quilt agent inspect --json') helper; export QUILT_TOKEN=$TOKEN ;;
  'quilt agent token revoke '*) helper; line=${line/4f2a9c/$(quilt agent token ls --json helper | grep -o -m1 '"tokenId": *"[^"]*"' | cut -d'"' -f4)} ;;
  'quilt session end '*) QUILT_SESSION=$(quilt session begin -q) ;;
  'quilt task begin '*) export QUILT_SESSION; QUILT_SESSION=$(quilt session begin -q) ;;
  'quilt task end build') export QUILT_SESSION; QUILT_SESSION=$(quilt session begin -q); quilt task begin -q build ;;
  *) make_what_it_speaks_of ;;
esac >/dev/null
line=${line//registry.example:5000/$REGISTRY}

# Its end is told as it was, whatever happens while things are cleared away.
ended=0
$run || ended=$?
unset QUILT_TOKEN QUILT_SESSION
{
  for agent in $(quilt agent ls -q); do quilt agent rm -f "$agent"; done
  for session in $(quilt session ls -q); do quilt session end "$session"; done
  for container in $(quilt ps -aq); do quilt rm -f "$container"; done
  for network in $(quilt network ls -q); do quilt network rm "$network"; done
  for snapshot in $(quilt snapshot ls -q); do quilt snapshot rm "$snapshot"; done
  for volume in $(quilt volume ls -q); do quilt volume rm "$volume"; done
} >/dev/null
exit "$ended"
