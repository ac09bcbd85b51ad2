#!/usr/bin/env bash
# Runs a command with a container engine of its own and the images of the tests, and ends the engine afterwards:
#   test/containers/with-engine.sh npx vitest run --project containers
# As root on Debian, with docker.io and debootstrap installed. The engine's data are gone afterwards; the images
# are kept as archives.
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
engine=$(mktemp -d)
export TEST_DOCKER_HOST=unix://$engine/docker.sock

stop_engine() {
  local tries
  [[ ! -f $engine/pid ]] || kill "$(cat "$engine/pid")"
  for ((tries = 0; tries < 60; tries += 1)); do
    [[ -f $engine/pid ]] || break
    sleep 0.5
  done
  umount "$engine"/exec/netns/* 2>/dev/null
  rm -rf "$engine"
}
trap stop_engine EXIT

setsid dockerd --data-root "$engine/data" --exec-root "$engine/exec" --pidfile "$engine/pid" \
  --host "$TEST_DOCKER_HOST" >"$engine/log" 2>&1 &
for ((tries = 0; tries < 60; tries += 1)); do
  DOCKER_HOST=$TEST_DOCKER_HOST docker version >/dev/null 2>&1 && break
  sleep 0.5
done
if ! DOCKER_HOST=$TEST_DOCKER_HOST "$here/images/build.sh"; then
  echo "the container engine could not be started, or an image not made: $(tail -1 "$engine/log")" >&2
  exit 1
fi
REQUIRE_DOCKER=1 "$@"
