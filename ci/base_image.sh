#!/bin/sh
# Make the base image `slipway-base:bookworm` from Debian's packages.
#
# For machines that reach a Debian mirror and no container registry. Elsewhere
# `python:3.11-slim-bookworm` is the base, and this script is not needed.
#
# Usage: ci/base_image.sh [--force] [image]
#   --force   make it again although it is there
#   image     its name; `slipway-base:bookworm` when not given
set -eu

suite=bookworm
packages=ca-certificates,python3,python3-venv
force=no
if [ "${1:-}" = --force ]; then
    force=yes
    shift
fi
image=${1:-slipway-base:$suite}

fail() {
    echo "ci/base_image.sh: $1" >&2
    exit 1
}

command -v docker >/dev/null || fail "there is no 'docker' command: install Docker first"
docker version >/dev/null 2>&1 || fail "no Docker daemon answers: start it, then run this again"
if [ "$force" = no ] && docker image inspect "$image" >/dev/null 2>&1; then
    echo "$image is there already"
    exit 0
fi
command -v mmdebstrap >/dev/null ||
    fail "there is no 'mmdebstrap' command: apt-get install mmdebstrap, then run this again"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

# The mirrors that this machine's own apt is set up for. On a machine of another
# suite there are none, and mmdebstrap takes Debian's own.
apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' \
    'Created-By: Packages' 'Origin: Debian' 2>/dev/null |
    grep -E " $suite(-updates|-security)? main\$" | sort -u >"$work/sources" || true
set -- "$suite" "$work/root.tar"
[ -s "$work/sources" ] && set -- "$@" "$work/sources"

# A fixed clock, and nothing that differs from one machine to the next: the same
# packages give the same bytes.
SOURCE_DATE_EPOCH=1700000000
export SOURCE_DATE_EPOCH
mmdebstrap --quiet --variant=apt --architectures=amd64 --include="$packages" \
    --aptopt='APT::Install-Recommends "false"' \
    --dpkgopt='path-exclude=/usr/share/doc/*' \
    --dpkgopt='path-include=/usr/share/doc/*/copyright' \
    --dpkgopt='path-exclude=/usr/share/locale/*' \
    --dpkgopt='path-exclude=/usr/share/man/*' \
    --customize-hook='ln -s /usr/bin/python3 "$1/usr/local/bin/python"' \
    --customize-hook='echo localhost >"$1/etc/hostname"; rm -f "$1/etc/resolv.conf"' \
    "$@"

docker import --platform linux/amd64 \
    --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' \
    --change 'ENV LANG=C.UTF-8' \
    --change 'CMD ["python3"]' \
    "$work/root.tar" "$image" >/dev/null
echo "$image is made: $(docker run --rm --network none "$image" python --version)"
