#!/usr/bin/env bash
# Installs what building and testing needs on Debian or Ubuntu: the linker and zlib for ahead-of-time compilation,
# busybox, which the tests' containers run, nftables, which connects them, what makes
# file systems, npm, which fetches a conformance suite, a registry with
# another client of it, buildah, which builds to compare, mmdebstrap, which makes an example's base image, a browser, which looks at
# the dashboard, and what packages are made with. Does nothing where all is there.
set -euo pipefail

fail() { echo "setup.sh: $1" >&2; echo "  remedy: $2" >&2; exit 1; }

command -v dotnet >/dev/null || fail "the .NET SDK is missing" "install the .NET 10 SDK and put 'dotnet' on PATH (https://dot.net)"
dotnet --list-sdks | grep -q '^10\.' || fail "no .NET 10 SDK among: $(dotnet --list-sdks | tr '\n' ' ')" "install the .NET 10 SDK"

missing=()
command -v gcc >/dev/null || missing+=(gcc libc6-dev)
[ -e /usr/include/zlib.h ] || missing+=(zlib1g-dev)
# One that needs a loader (package busybox) does not run in an image that holds nothing else.
{ [ -x /bin/busybox ] && ! ldd /bin/busybox >/dev/null 2>&1; } || missing+=(busybox-static)
# Loads the rules between containers.
command -v nft >/dev/null || [ -x /usr/sbin/nft ] || missing+=(nftables)
# Makes the file systems that limit a disk.
[ -x /usr/sbin/mkfs.ext4 ] || [ -x /sbin/mkfs.ext4 ] || missing+=(e2fsprogs)
# File systems whose files share blocks: forks are tried on both.
command -v mkfs.xfs >/dev/null || [ -x /usr/sbin/mkfs.xfs ] || missing+=(xfsprogs)
command -v mkfs.btrfs >/dev/null || [ -x /usr/sbin/mkfs.btrfs ] || missing+=(btrfs-progs)
# Fetches the conformance suite of the Model Context Protocol, and what runs it.
command -v npm >/dev/null || missing+=(npm)
# The tests run a registry of their own; another client shows that ours does what is usual.
command -v docker-registry >/dev/null || missing+=(docker-registry)
command -v skopeo >/dev/null || missing+=(skopeo)
# Builds the same Dockerfiles as we do, to compare; it insists on a runtime.
command -v buildah >/dev/null || missing+=(buildah crun)
# Makes Debian as a base image, which an example builds upon.
command -v mmdebstrap >/dev/null || missing+=(mmdebstrap)
# The dashboard's tests drive it.
command -v chromium >/dev/null || missing+=(chromium)
# Finds what the Debian package depends on; one of the quick starts reads metrics.
command -v dpkg-shlibdeps >/dev/null || missing+=(dpkg-dev)
command -v curl >/dev/null || missing+=(curl)
command -v ss >/dev/null || missing+=(iproute2)
# Has system calls fail, for the tests of what a shim does then.
command -v strace >/dev/null || missing+=(strace)
# What builds fetch and unpack.
command -v git >/dev/null || missing+=(git)
command -v xz >/dev/null || missing+=(xz-utils)
command -v bzip2 >/dev/null || missing+=(bzip2)
command -v zstd >/dev/null || missing+=(zstd)
[ ${#missing[@]} -eq 0 ] && exit 0

[ "$(id -u)" = 0 ] || fail "these packages are missing: ${missing[*]}" "run as root, or install them: apt-get install ${missing[*]}"
command -v apt-get >/dev/null || fail "these packages are missing: ${missing[*]}" "install them with your package manager"
apt-get update -qq

# docker-registry comes with a service, which is to start neither now nor with the machine.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
fi
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
case " ${missing[*]} " in
  *" docker-registry "*) [ ! -d /run/systemd/system ] || systemctl disable --quiet docker-registry.service ;;
esac
