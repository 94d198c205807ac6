#!/usr/bin/env bash
# Makes every image of the laboratory from packages, without a registry, and keeps them in the laboratory's storage:
# the bases under the names that the project's files use, the servers as docker-compose.yml and the chart name them.
#   images.sh              all that is missing
#   images.sh elastream    this one anew
#   images.sh names        the names of those that pods run
set -euo pipefail
# shellcheck source=lab.sh
. "$(dirname "$0")/lab.sh"
need podman debootstrap cc npm

work=$lab/images
mkdir -p "$work"
debian=docker.io/library/debian:bookworm-slim
node=$(sed -n 's/^ARG NODE_IMAGE=//p' "$project/Dockerfile")
compose_image() { sed -n "s/.*\${$1_IMAGE:-\(.*\)}.*/\1/p" "$project/docker-compose.yml" | head -1; }
build() { podman build --quiet --network host --pull=never --format docker "$@" >/dev/null; }
import_folder() { tar -C "$1" -c . | podman import --quiet "${@:3}" - "$2" >/dev/null; }

make_debian() {
  [ -d "$work/base/etc" ] || debootstrap --variant=minbase --include=ca-certificates,libgomp1,libstdc++6,wget bookworm "$work/base" >"$work/debootstrap.log"
  rm -rf "$work"/base/var/cache/apt/*.bin "$work"/base/var/cache/apt/archives/*.deb "$work"/base/usr/share/{doc,man,locale}/*
  import_folder "$work/base" "$debian"
}

# As the official image, and with this machine's authorities: packages may come through a mirror of its own.
make_node() {
  local version=${node#node:} folder=$work/node
  version=${version%%-*}
  rm -rf "$folder" && mkdir -p "$folder/context"
  npm install --silent --no-save --prefix "$folder" "node@$version" npm@11
  cp "$folder/node_modules/node/bin/node" "$folder/context/node"
  cp -r "$folder/node_modules/npm" "$folder/context/npm"
  cp "${NODE_EXTRA_CA_CERTS:-/etc/ssl/certs/ca-certificates.crt}" "$folder/context/authorities.crt"
  build -t "docker.io/library/$node" -f - "$folder/context" <<DOCKERFILE
FROM $debian
COPY node /usr/local/bin/node
COPY npm /usr/local/lib/node_modules/npm
COPY authorities.crt /etc/ssl/certs/ca-certificates.crt
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm && ln -s ../lib/node_modules/npm/bin/npx-cli.js /usr/local/bin/npx && useradd -u 1000 -m node
ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt PIP_CERT=/etc/ssl/certs/ca-certificates.crt SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt npm_config_cafile=/etc/ssl/certs/ca-certificates.crt
CMD ["node"]
DOCKERFILE
}

make_elastream() {
  build -t docker.io/library/elastream:lab --build-arg "NODE_IMAGE=docker.io/library/$node" \
    --build-arg "REVISION=$(git -C "$project" rev-parse HEAD)" "$project"
}

make_pause() {
  mkdir -p "$work/pause"
  cc -static -O1 -o "$work/pause/pause" "$here/images/pause.c"
  build -t localhost/pause:1 -f - "$work/pause" <<<$'FROM scratch\nCOPY pause /pause\nUSER 65535:65535\nENTRYPOINT ["/pause"]'
}

make_coredns() {
  mkdir -p "$work/coredns"
  cp "$bin/coredns" "$work/coredns/"
  build -t localhost/coredns:1 -f - "$work/coredns" <<<$'FROM scratch\nCOPY coredns /coredns\nENTRYPOINT ["/coredns"]'
}

make_kafka() {
  local jars
  jars=$(cd "$project" && npx vite-node --script deploy/kubernetes/provide.ts kafka)
  mkdir -p "$work/kafka"
  rm -rf "$work/kafka/libs" && cp -r "$jars" "$work/kafka/libs"
  cp -r "$here"/images/kafka/* "$work/kafka/"
  build -t "docker.io/$(compose_image KAFKA)" --build-arg "BASE=$debian" "$work/kafka"
}

make_nats() {
  local server
  server=$(cd "$project" && npx vite-node --script deploy/kubernetes/provide.ts nats)
  mkdir -p "$work/nats"
  cp "$server" "$work/nats/nats-server"
  build -t "docker.io/library/$(compose_image NATS)" -f - "$work/nats" <<<$'FROM scratch\nCOPY nats-server /nats-server\nEXPOSE 4222 8222\nENTRYPOINT ["/nats-server"]'
}

make_clickhouse() {
  local library
  library=$(echo "$project"/node_modules/@chdb/lib-linux-*-gnu/libchdb.so)
  mkdir -p "$work/clickhouse"
  cp -u "$library" "$here"/images/clickhouse/* "$work/clickhouse/"
  cc -O1 -o "$work/clickhouse/clickhouse" "$project/deploy/local/clickhouse/server.c" -L"$work/clickhouse" -l:libchdb.so -Wl,-rpath,/opt/clickhouse
  build -t "docker.io/$(compose_image CLICKHOUSE)" --build-arg "BASE=$debian" "$work/clickhouse"
}

name_of() {
  case $1 in
    debian) echo "$debian" ;;
    node) echo "docker.io/library/$node" ;;
    elastream) echo docker.io/library/elastream:lab ;;
    pause | coredns) echo "localhost/$1:1" ;;
    kafka) echo "docker.io/$(compose_image KAFKA)" ;;
    nats) echo "docker.io/library/$(compose_image NATS)" ;;
    clickhouse) echo "docker.io/$(compose_image CLICKHOUSE)" ;;
    *) fail "there is no image $1; there are: debian node elastream pause coredns kafka nats clickhouse" ;;
  esac
}

if [ "${1:-}" = names ]; then
  # Of what pods run.
  for image in kafka nats clickhouse elastream; do name_of "$image"; done
elif [ $# -gt 0 ]; then
  for image in "$@"; do "make_$image"; done
else
  for image in debian node pause coredns kafka nats clickhouse elastream; do
    podman image exists "$(name_of "$image")" || { say "image $image"; "make_$image"; }
  done
fi
