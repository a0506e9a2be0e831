#!/usr/bin/env bash
# Installs Quilt on this host, or removes it. See usage below.
set -euo pipefail
cd "$(dirname "$0")"

usage() {
  cat <<'TEXT'
usage: ./install.sh [--no-build] [--prefix DIR]        build if needed, and install or upgrade
       ./install.sh --uninstall [--purge] [--prefix DIR]
  --prefix DIR   /usr unless given; programs go to DIR/lib/quilt, links to them to DIR/bin
  --no-build     installs the programs of artifacts/bin as they are
  --uninstall    removes what was installed and nothing else; containers, images and logs in /var/lib/quilt stay
  --purge        removes those too
DESTDIR=ROOT in the environment puts all of it below ROOT and touches neither groups nor units of this host.
TEXT
}
fail() { echo "install.sh: $1" >&2; echo "  remedy: $2" >&2; exit 1; }

prefix=/usr mode=install purge= build=yes
while [ $# -gt 0 ]; do
  case "$1" in
    --prefix) [ $# -gt 1 ] || fail "--prefix wants a folder" "./install.sh --prefix /usr/local"; prefix=$2; shift ;;
    --prefix=*) prefix=${1#*=} ;;
    --no-build) build= ;;
    --uninstall) mode=uninstall ;;
    --purge) purge=yes ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; fail "'$1' is no option" "see above" ;;
  esac
  shift
done
case "$prefix" in /*) prefix=${prefix%/} ;; *) fail "--prefix '$prefix' is not absolute" "give a path that begins with '/'" ;; esac
[ -z "$purge" ] || [ "$mode" = uninstall ] || fail "--purge goes with --uninstall" "./install.sh --uninstall --purge"
destdir=${DESTDIR:-} destdir=${destdir%/}
host=yes; [ -z "$destdir" ] || host=
[ -z "$host" ] || [ "$(id -u)" = 0 ] || fail "installing needs root" "sudo ./install.sh, or DESTDIR=ROOT ./install.sh"
# Its files are dpkg's to replace and to remove.
[ -z "$host" ] || [ "$prefix" != /usr ] || ! dpkg-query -W -f '${db:Status-Status}' quilt-runtime 2>/dev/null | grep -qx installed ||
  fail "the package quilt-runtime is installed here" "apt-get remove quilt-runtime, which keeps containers and images; or upgrade it: packaging/deb.sh"
systemd=; [ -z "$host" ] || [ ! -d /run/systemd/system ] || systemd=yes

lib=$prefix/lib/quilt
manifest=$destdir$lib/manifest # one path a line, without DESTDIR; a folder that we made ends in '/'

# Where each thing goes.
bash_completion=$prefix/share/bash-completion/completions/quilt
fish_completion=$prefix/share/fish/vendor_completions.d/quilt.fish
zsh_completion=$prefix/share/zsh/site-functions/_quilt
[ ! -e /etc/debian_version ] || [ "$prefix" != /usr ] || zsh_completion=/usr/share/zsh/vendor-completions/_quilt
units=$prefix/lib/systemd/system

installed=()
folder() { # makes PATH and what is missing above it, and remembers what it made
  local path=$1
  [ ! -d "$destdir$path" ] || return 0
  folder "$(dirname "$path")"
  mkdir -m 0755 "$destdir$path"
  installed+=("$path/")
}
put() { # MODE SOURCE TARGET
  folder "$(dirname "$3")"
  # Beside its place first: a program that runs can't be written to, and is replaced whole.
  install -m "$1" "$2" "$destdir$3.new"
  mv -fT "$destdir$3.new" "$destdir$3"
  installed+=("$3")
}
link() { # TARGET LINK
  folder "$(dirname "$2")"
  ln -sfnT "$1" "$destdir$2"
  installed+=("$2")
}

remove_paths() { # reads paths, files before the folders that hold them
  local path
  while read -r path; do
    case "$path" in
      */) rmdir --ignore-fail-on-non-empty "$destdir${path%/}" 2>/dev/null || true ;;
      *) rm -f "$destdir$path" ;;
    esac
  done < <(sort -r)
}

install_all() {
  [ -z "$build" ] || ./build.sh --if-changed
  [ -z "$host" ] || getent group quilt >/dev/null || groupadd -r quilt

  local old file page
  old=$(cat "$manifest" 2>/dev/null || true)
  for file in quilt quilt-oci quilt-shim quiltd quilt-cognition; do
    put 0755 "artifacts/bin/$file" "$lib/$file"
  done
  put 0644 artifacts/bin/libe_sqlite3.so "$lib/libe_sqlite3.so"
  for file in quilt quiltd quilt-oci; do
    link "$(realpath -ms --relative-to="$prefix/bin" "$lib/$file")" "$prefix/bin/$file"
  done

  local scratch
  scratch=$(mktemp -d)
  trap "rm -rf '$scratch'" EXIT
  for file in bash zsh fish; do
    artifacts/bin/quilt completion "$file" > "$scratch/$file"
  done
  put 0644 "$scratch/bash" "$bash_completion"
  put 0644 "$scratch/zsh" "$zsh_completion"
  put 0644 "$scratch/fish" "$fish_completion"
  packaging/man/quilt.1.sh artifacts/bin/quilt > "$scratch/quilt.1"
  for page in "$scratch/quilt.1" packaging/man/*.8; do
    put 0644 "$page" "$prefix/share/man/man${page##*.}/$(basename "$page")"
  done
  if [ -n "$systemd" ] || [ -z "$host" ]; then
    sed "s|@LIB@|$lib|" packaging/systemd/quilt.service > "$scratch/quilt.service"
    put 0644 "$scratch/quilt.service" "$units/quilt.service"
    put 0644 packaging/systemd/quilt.socket "$units/quilt.socket"
    put 0644 packaging/systemd/quilt-containers.service "$units/quilt-containers.service"
  else
    echo "no systemd here: no units; start quiltd yourself"
  fi

  # What an earlier version installed and this one does not goes; folders that it made stay known.
  installed+=("$lib/manifest")
  local now
  now=$(printf '%s\n' "${installed[@]}")
  comm -23 <(grep -v '/$' <<<"$old" | sort -u) <(sort -u <<<"$now") | grep -v '^$' | remove_paths || true
  { echo "$now"; grep '/$' <<<"$old" || true; } | sort -u > "$scratch/manifest"
  install -m 0644 "$scratch/manifest" "$manifest"

  if [ -n "$systemd" ]; then
    systemctl daemon-reload
    systemctl enable --now quilt.socket
    systemctl enable quilt.service
    # An upgrade's daemon finds the containers of the one before.
    systemctl restart quilt.service
    echo "installed; quiltd runs. Members of the group 'quilt' may use it: usermod -aG quilt NAME"
  else
    echo "installed in $destdir$prefix"
  fi
}

uninstall_all() {
  [ -e "$manifest" ] || fail "nothing is installed in $destdir$prefix" "give the --prefix it was installed with"
  if [ -n "$host" ]; then
    local running
    running=$("$lib/quilt" ps -q 2>/dev/null || true)
    [ -z "$running" ] || fail "$(wc -l <<<"$running") containers run" "stop them: quilt stop \$(quilt ps -q)"
    [ -z "$purge" ] || remove_containers
  fi
  if [ -n "$systemd" ]; then
    systemctl disable --now quilt.service quilt.socket 2>/dev/null || true
    systemctl stop quilt-containers.service 2>/dev/null || true
    systemctl reset-failed quilt.service quilt.socket 2>/dev/null || true
  fi
  remove_paths < "$manifest"
  [ -z "$systemd" ] || systemctl daemon-reload
  if [ -n "$purge" ]; then
    rm -rf --one-file-system "$destdir/var/lib/quilt" "$destdir/var/lib/quilt-host-ids" "$destdir/run/quilt"
    [ -z "$host" ] || ! getent group quilt >/dev/null || groupdel quilt
    echo "uninstalled and purged"
  else
    echo "uninstalled; $destdir/var/lib/quilt and the group 'quilt' stay (--purge removes them)"
  fi
}

# Through the daemon, which unmounts and clears what each has.
remove_containers() {
  local all
  all=$("$lib/quilt" ps -aq 2>/dev/null || true)
  [ -z "$all" ] || xargs "$lib/quilt" rm -f <<<"$all" >/dev/null
}

"${mode}_all"
