#!/usr/bin/env bash
# Builds Quilt's package for Debian and Ubuntu. See usage below.
set -euo pipefail
cd "$(dirname "$0")/.."

usage() {
  cat <<'TEXT'
usage: packaging/deb.sh [--no-build] [--fast] [FOLDER]
  FOLDER       where the package goes: artifacts/packages unless given
  --no-build   packs the programs of artifacts/bin as they are, instead of building what has changed
  --fast       does not compress, for a trial
MAINTAINER="NAME <ADDRESS>" in the environment says who answers for the package. The last line says what was made.
TEXT
}
fail() { echo "deb.sh: $1" >&2; echo "  remedy: $2" >&2; exit 1; }

# What NuGet resolved for the programs, but for what only builds them.
packages() {
  sed -n 's|^ *"\([A-Za-z][^"]*\)": {$|\1|p; s|^ *"resolved": "\(.*\)",$|=\1|p' src/quilt*/packages.lock.json |
    awk '/^=/ { print "  " name " " substr($0, 2) } { name = $0 }' | grep -vE 'ILCompiler|Analyzers|Grpc\.Tools|ILLink' | sort -u
}

folder=artifacts/packages build=() compression=(-Zxz)
while [ $# -gt 0 ]; do
  case "$1" in
    --no-build) build=(--no-build) ;;
    --fast) compression=(-Znone) ;;
    -h | --help) usage; exit 0 ;;
    -*) usage >&2; fail "'$1' is no option" "see above" ;;
    *) folder=$1 ;;
  esac
  shift
done
for program in dpkg-deb dpkg-shlibdeps strip; do
  command -v $program >/dev/null || fail "the program '$program' is missing" "apt-get install dpkg-dev"
done
architecture=$(dpkg --print-architecture)
[ "$architecture" = amd64 ] || fail "the programs are built for amd64, and this machine's architecture is '$architecture'" "build the package on an amd64 machine"

name=quilt-runtime
version=$(sed -n 's|.*<Version>\(.*\)</Version>.*|\1|p' Directory.Build.props)
source packaging/source-date.sh
export MAINTAINER="${MAINTAINER:-Quilt <quilt@quilt.invalid>}"

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
chmod 755 "$stage"
DESTDIR=$stage ./install.sh "${build[@]}" >/dev/null
rm "$stage/usr/lib/quilt/manifest" # dpkg keeps its own
strip --strip-unneeded "$stage/usr/lib/quilt/libe_sqlite3.so"

# What an operator sets, and the places for what quiltd looks for there (registries.json, secrets).
install -D -m 0644 packaging/deb/default "$stage/etc/default/quilt"
install -d -m 0755 "$stage/etc/quilt"
install -d -m 0700 "$stage/etc/quilt/secrets"

docs=$stage/usr/share/doc/$name
mkdir -p "$docs"
{ # of what is in the programs beside our own
  busybox=$(/bin/busybox | sed -n '1s/^\(BusyBox [^(]*([^)]*)\).*/\1/p')
  sed -e '/@PACKAGES@/{r '<(packages) -e 'd}' -e '/@XTERM@/{r src/quiltd/Dashboard/Web/vendor/xterm/LICENSE' -e 'd}' -e "s|@BUSYBOX@|$busybox|" packaging/deb/copyright
} >"$docs/copyright"
install -D -m 0644 packaging/deb/lintian-overrides "$stage/usr/share/lintian/overrides/$name"
# As the tree has them, so that what refers to another finds it.
find SPECIFICATION.md docs examples -type f -not -path '*/bin/*' -not -path '*/obj/*' -print0 | while IFS= read -rd '' file; do
  mode=0644
  [ ! -x "$file" ] || mode=0755
  install -D -m $mode "$file" "$docs/$file"
done
cat >"$stage/changelog" <<TEXT
$name ($version) unstable; urgency=medium

  * Version $version. What each change was for, the history of the sources tells.

 -- $MAINTAINER  $(date -R -u -d "@$SOURCE_DATE_EPOCH")
TEXT
gzip -9n "$stage/changelog" && install -D -m 0644 "$stage/changelog.gz" "$docs/changelog.gz" && rm "$stage/changelog.gz"
find "$stage/usr/share/man" -type f -exec gzip -9n {} +

# What the programs load at their start is looked up in them; the rest of what they need is named in control.in.
mkdir -p "$stage/work/debian" "$stage/DEBIAN"
touch "$stage/work/debian/control"
libraries=$(cd "$stage/work" && dpkg-shlibdeps -O "$stage"/usr/lib/quilt/{quiltd,quilt-cognition,libe_sqlite3.so} 2>/dev/null | sed -n 's/^shlibs:Depends=//p')
[ -n "$libraries" ] || fail "dpkg-shlibdeps names no package for the libraries of quiltd" "look at: ldd artifacts/bin/quiltd"
rm -r "$stage/work"

(cd "$stage" && find etc usr -type f -print0 | sort -z | xargs -0 md5sum >DEBIAN/md5sums)
size=$(du -sk --apparent-size --exclude=DEBIAN "$stage" | cut -f1)
sed -e "s|@VERSION@|$version|; s|@ARCHITECTURE@|$architecture|; s|@MAINTAINER@|$MAINTAINER|; s|@SIZE@|$size|; s|@LIBRARIES@|$libraries|" packaging/deb/control.in >"$stage/DEBIAN/control"
install -m 0644 packaging/deb/conffiles "$stage/DEBIAN/"
for script in preinst postinst prerm postrm; do
  install -m 0755 "packaging/deb/$script" "$stage/DEBIAN/$script"
done

mkdir -p "$folder"
dpkg-deb --root-owner-group "${compression[@]}" --build "$stage" "$folder/${name}_${version}_$architecture.deb" >/dev/null
echo "$folder/${name}_${version}_$architecture.deb"
