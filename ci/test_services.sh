#!/usr/bin/env bash
# Installs and starts what the tests need beside Python: a Docker engine, a base image, and
# a browser.
# For Debian machines, as root. PostgreSQL comes with the Python requirements.
set -euo pipefail
cd "$(dirname "$0")/.."

missing=()
command -v dockerd >/dev/null || missing+=(docker.io iptables)
command -v mmdebstrap >/dev/null || missing+=(mmdebstrap)
command -v make >/dev/null || missing+=(make)
command -v chromium >/dev/null || missing+=(chromium)
if [ ${#missing[@]} -gt 0 ]; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

if ! docker info >/dev/null 2>&1; then
  mkdir -p .slipway
  # A daemon that was killed leaves its id behind, and another process may have it now.
  pid_file=/var/run/docker.pid
  if [ -f "$pid_file" ] && ! grep -qs dockerd "/proc/$(cat "$pid_file")/comm"; then
    rm -f "$pid_file"
  fi
  nohup dockerd >.slipway/dockerd.log 2>&1 &
  for _ in $(seq 1 100); do
    docker info >/dev/null 2>&1 && break
    sleep 0.2
  done
fi
docker info --format 'Docker {{.ServerVersion}}, {{.Driver}}' || {
  echo "dockerd does not answer; its log:" >&2
  tail -n 20 .slipway/dockerd.log >&2
  exit 1
}
ci/base_image.sh
