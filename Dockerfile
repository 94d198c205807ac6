# One image for every service and the command line: `docker build -t elastream .`
#   docker run elastream dist/services/training-shard/main.js --help
#   docker run -v "$PWD:/data" elastream dist/src/cli/main.js run /data/campaign.yaml --dir /data/campaign
# chdb stays out: a cluster has a ClickHouse server. LightGBM's library is the locked one, fetched while building.

# Its exact version; with its digest: --build-arg NODE_IMAGE=node:24.19.0-bookworm-slim@sha256:...
ARG NODE_IMAGE=node:24.19.0-bookworm-slim

FROM ${NODE_IMAGE} AS build
RUN apt-get update \
  && apt-get install -y --no-install-recommends python3-pip \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY src src
COPY services services
RUN npm run build \
  && npm prune --omit=dev --ignore-scripts \
  && rm -rf node_modules/chdb node_modules/@chdb
# Into a folder that the last stage takes over whole; checked against its SHA-256 as everywhere.
RUN XDG_CACHE_HOME=/cache node --input-type=module -e \
  "await (await import('/build/dist/src/adapters/lightgbm/provide-library.js')).provideLightGbmLibrary()"

FROM ${NODE_IMAGE}
# OpenMP, which LightGBM's library is linked to.
RUN apt-get update \
  && apt-get install -y --no-install-recommends libgomp1 \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /opt/elastream
COPY --from=build /cache /var/cache/elastream-libraries
COPY --from=build /build/node_modules node_modules
COPY --from=build /build/dist dist
COPY package.json LICENSE NOTICE ./
ENV NODE_ENV=production XDG_CACHE_HOME=/var/cache/elastream-libraries
USER node
# Signals reach the service itself, which stops well at SIGTERM.
ENTRYPOINT ["node", "--enable-source-maps"]
CMD ["dist/src/cli/main.js", "--help"]
