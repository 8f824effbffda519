# One image for all services: which one runs is the container's command, `node services/<name>/dist/main.js`.
# Nothing here needs BuildKit.

FROM node:24-slim AS build
# Set it where packages come from a registry of one's own.
ARG NPM_CONFIG_REGISTRY
WORKDIR /provident
COPY . .
RUN npm ci --no-fund --no-audit && node tools/build.mjs
RUN rm -rf libs/*/src services/*/src libs/*/dist/.tsbuildinfo services/*/dist/.tsbuildinfo

FROM node:24-slim AS dependencies
ARG NPM_CONFIG_REGISTRY
WORKDIR /provident
COPY . .
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
COPY --from=build /provident/deploy deploy
RUN mkdir -p /var/lib/provident && chown node:node /var/lib/provident
USER node
CMD ["node", "services/cli/dist/main.js", "--help"]
