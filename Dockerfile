# One image for every service and the command line: `docker build -t elastream .`
#   docker run elastream dist/services/training-shard/main.js --help
#   docker run -v "$PWD:/data" elastream dist/src/cli/main.js run /data/campaign.yaml --dir /data/campaign
# It holds Node, the program and the libraries that they are linked to: no shell, no package manager, nothing that runs
# as root or writes outside /tmp. chdb stays out, since a cluster has a ClickHouse server. LightGBM's library is the
# locked one, fetched while building. What calls other programs (a calculation node with Slurm's commands) copies
# /opt/elastream and /usr/local/bin/node into an image of its own.

# Its exact version; with its digest: --build-arg NODE_IMAGE=node:24.19.0-bookworm-slim@sha256:...
ARG NODE_IMAGE=node:24.19.0-bookworm-slim

FROM ${NODE_IMAGE} AS build
RUN apt-get update \
  && apt-get install -y --no-install-recommends python3-pip libgomp1 ca-certificates \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY src src
COPY services services
COPY protos protos
RUN npm run build \
  && npm prune --omit=dev --ignore-scripts \
  && rm -rf node_modules/chdb node_modules/@chdb
# What the image is made of; without its serial number and time, so that the same content is the same file.
RUN npm sbom --package-lock-only --omit=dev --sbom-format=cyclonedx \
  | sed '/"serialNumber":/d; /"timestamp":/d' >sbom.cdx.json
# Into a folder that the last stage takes over whole; checked against its SHA-256 as everywhere.
RUN XDG_CACHE_HOME=/cache node --input-type=module -e \
  "await (await import('/build/dist/src/adapters/lightgbm/provide-library.js')).provideLightGbmLibrary()"
# What the image holds, with one time for all files, so that the same content is the same layer.
ARG SOURCE_DATE_EPOCH=0
COPY LICENSE NOTICE deploy/image/collect.sh ./
RUN sh collect.sh /image && find /image -exec touch --no-dereference --date="@${SOURCE_DATE_EPOCH}" {} +

FROM scratch
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="elastream" \
  org.opencontainers.image.description="Decides which DFT calculation to run next" \
  org.opencontainers.image.licenses="Apache-2.0" \
  org.opencontainers.image.version="${VERSION}" \
  org.opencontainers.image.revision="${REVISION}"
COPY --from=build /image /
WORKDIR /opt/elastream
ENV NODE_ENV=production XDG_CACHE_HOME=/var/cache/elastream-libraries PATH=/usr/local/bin
# By number: Kubernetes cannot tell of a name that it is not root.
USER 1000:1000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:7480/health/ready').then(({ ok }) => process.exit(ok ? 0 : 1))"]
# Signals reach the service itself, which stops well at SIGTERM.
ENTRYPOINT ["node", "--enable-source-maps"]
CMD ["dist/src/cli/main.js", "--help"]
