#!/usr/bin/env bash
# Makes images with the names that Dockerfile and docker-compose.yml use, for an engine that reaches no image
# registry: from Debian's packages, the npm package `node`, and Maven Central. They are stand-ins for tests and
# are never published. Each is kept as an archive and loaded from it the next time.
#   test/containers/images/build.sh [IMAGE…]      as root, with DOCKER_HOST; the default is all that are missing
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../../.." && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/kafka2ipfix
# A change of this script makes them again.
archives=$cache/images-$(cat "$here"/* | sha256sum | cut -c1-16)
all=(node:26-slim apache/kafka:4.3.1 prom/prometheus:v3.5.0 apicurio/apicurio-registry:3.0.9)
work=$(mktemp -d)
trap 'umount "$work"/*/proc 2>/dev/null || true; rm -rf "$work"' EXIT
mkdir -p "$archives"

debian() {
  # The mirror and the release of this machine: what is reached here.
  local mirror release
  mirror=$(grep -rhoE 'https?://[^ ]+/debian/?( |$)' /etc/apt/sources.list /etc/apt/sources.list.d/ 2>/dev/null | head -1)
  release=$(. /etc/os-release && echo "$VERSION_CODENAME")
  debootstrap --variant=minbase "$release" "$1" "${mirror:-http://deb.debian.org/debian}" >"$work/log" 2>&1
}

# A copy of the base with these packages.
with_packages() {
  local folder=$1
  shift
  cp -a "$work/base" "$folder"
  cp /etc/resolv.conf "$folder/etc/resolv.conf"
  mount -t proc proc "$folder/proc"
  DEBIAN_FRONTEND=noninteractive chroot "$folder" \
    apt-get install -y -qq --no-install-recommends "$@" >"$work/log" 2>&1
  umount "$folder/proc"
  # Where this machine's registries have a private authority, a build needs it too.
  mkdir -p "$folder/etc/ssl/certs"
  cp -L /etc/ssl/certs/ca-certificates.crt "$folder/etc/ssl/certs/"
  rm -rf "$folder"/var/cache/apt/archives/*.deb "$folder"/var/lib/apt/lists/* "$folder/usr/share/doc"
}

as_image() {
  local name=$1 folder=$2 change changes=()
  shift 2
  for change in "$@"; do changes+=(--change "$change"); done
  tar -C "$folder" --numeric-owner -c . | docker import "${changes[@]}" - "$name" >/dev/null
}

path='ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

make_node() {
  local folder=$work/node npm
  # Node.js 26 does not start without libatomic.
  with_packages "$folder" libatomic1 ca-certificates
  cp "$root/node_modules/node/bin/node" "$folder/usr/local/bin/node"
  npm=$(readlink -f "$(command -v npm)")
  mkdir -p "$folder/usr/local/lib/node_modules"
  cp -aL "${npm%/bin/*}" "$folder/usr/local/lib/node_modules/npm"
  ln -s ../lib/node_modules/npm/bin/npm-cli.js "$folder/usr/local/bin/npm"
  ln -s ../lib/node_modules/npm/bin/npx-cli.js "$folder/usr/local/bin/npx"
  chroot "$folder" useradd --uid 1000 --create-home node
  as_image "$1" "$folder" "$path" 'ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt' 'CMD ["node"]'
}

java_base() {
  [[ -d $work/java ]] || with_packages "$work/java" openjdk-17-jre-headless ca-certificates
}

make_kafka() {
  local folder=$work/kafka
  java_base
  cp -a "$work/java" "$folder"
  mkdir -p "$folder/opt/kafka/bin" "$folder/opt/kafka/config" "$folder/etc/kafka/docker"
  cp -aL "$cache/kafka-${1##*:}" "$folder/opt/kafka/libs"
  # Of two bindings the other one would be taken.
  rm -f "$folder"/opt/kafka/libs/slf4j-simple-*.jar
  # Without it nothing is logged, and who waits for a line of the log waits in vain.
  mvn -q -B -ntp dependency:copy -Dartifact=org.apache.logging.log4j:log4j-slf4j-impl:2.25.4 \
    -DoutputDirectory="$folder/opt/kafka/libs"
  cp "$here/log4j2.yaml" "$folder/opt/kafka/config/"
  cp "$here/kafka-run" "$folder/etc/kafka/docker/run"
  local tool
  for tool in kafka-topics:TopicCommand kafka-broker-api-versions:BrokerApiVersionsCommand; do
    printf '#!/bin/sh\nexec java -Xmx128m -XX:TieredStopAtLevel=1 -cp "/opt/kafka/libs/*" org.apache.kafka.tools.%s "$@"\n' \
      "${tool#*:}" >"$folder/opt/kafka/bin/${tool%%:*}.sh"
  done
  chmod +x "$folder/etc/kafka/docker/run" "$folder"/opt/kafka/bin/*
  chroot "$folder" useradd --uid 1000 --create-home appuser
  mkdir -p "$folder/var/lib/kafka/data"
  chroot "$folder" chown -R appuser /var/lib/kafka /opt/kafka/config
  as_image "$1" "$folder" "$path" 'USER appuser' 'EXPOSE 9092' 'CMD ["/etc/kafka/docker/run"]'
}

make_prometheus() {
  local folder=$work/prometheus
  with_packages "$folder" prometheus
  as_image "$1" "$folder" "$path" 'EXPOSE 9090' 'USER nobody' 'WORKDIR /tmp' \
    'ENTRYPOINT ["prometheus"]' \
    'CMD ["--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.path=/tmp/data"]'
}

make_apicurio() {
  local folder=$work/apicurio
  java_base
  cp -a "$work/java" "$folder"
  cp -aL "$cache/apicurio-${1##*:}" "$folder/app"
  chroot "$folder" useradd --uid 1000 --create-home registry
  as_image "$1" "$folder" "$path" 'EXPOSE 8080' 'USER registry' 'WORKDIR /tmp' \
    'CMD ["sh", "-c", "exec java -Xmx512m -jar /app/*-runner.jar"]'
}

make() {
  local name=$1 archive
  archive=$archives/$(tr '/:' '__' <<<"$name").tar
  if [[ -f $archive ]]; then
    docker load -q -i "$archive" >/dev/null
    echo "$name: loaded from $archive"
    return
  fi
  [[ -d $work/base ]] || debian "$work/base"
  case $name in
  node:*) make_node "$name" ;;
  apache/kafka:*) make_kafka "$name" ;;
  prom/prometheus:*) make_prometheus "$name" ;;
  apicurio/*) make_apicurio "$name" ;;
  *) echo "$name: nothing is known to make it of" >&2 && return 1 ;;
  esac
  docker save -o "$archive.part" "$name" && mv "$archive.part" "$archive"
  echo "$name: made in $SECONDS s"
}

for name in "${@:-${all[@]}}"; do
  docker image inspect "$name" >/dev/null 2>&1 && continue
  # One that cannot be made does not cost the others. Behind `||` errors would not end it.
  set +e
  (set -e && make "$name")
  status=$?
  set -e
  ((status == 0)) && continue
  echo "$name: not made: $(tail -1 "$work/log" 2>/dev/null)" >&2
  failed=1
done
exit "${failed:-0}"
