# One image for all services: which one runs is the container's command, `node services/<name>/dist/service.mjs`.
# Nothing here needs BuildKit.

# What npm needs to know, without the sources: a change of these does not install anew.
FROM node:24-slim AS manifests
WORKDIR /provident
COPY . .
RUN mkdir /manifests && cp --parents package.json package-lock.json .npmrc libs/*/package.json services/*/package.json services/*/bin/* /manifests

FROM node:24-slim AS build
# Where packages come from a registry of one's own, or through a proxy with a certificate of its own: deploy/images/README.md.
ARG NPM_CONFIG_REGISTRY
ARG NPM_CONFIG_CA
WORKDIR /provident
COPY --from=manifests /manifests ./
RUN npm ci --ignore-scripts --no-fund --no-audit
COPY . .
RUN node tools/build.mjs && rm -rf libs/*/src services/*/src libs/*/dist/.tsbuildinfo services/*/dist/.tsbuildinfo

FROM node:24-slim AS dependencies
ARG NPM_CONFIG_REGISTRY
ARG NPM_CONFIG_CA
WORKDIR /provident
COPY --from=manifests /manifests ./
# Neither compilers nor the embedded servers: containers get Node, Postgres and NATS from images.
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-fund --no-audit

FROM node:24-slim
# As libs/embedded/src/service-node-flags.ts says.
ENV NODE_ENV=production NODE_OPTIONS="--max-semi-space-size=8 --max-old-space-size=160"
WORKDIR /provident
COPY --from=dependencies /provident/node_modules node_modules
COPY --from=build /provident/package.json package.json
COPY --from=build /provident/libs libs
COPY --from=build /provident/services services
COPY --from=build /provident/deploy/nats/wait.mjs deploy/nats/
COPY --from=build /provident/deploy/images/relay.mjs deploy/images/
RUN mkdir -p /var/lib/provident && chown node:node /var/lib/provident
USER node
CMD ["node", "services/cli/dist/main.js", "--help"]
