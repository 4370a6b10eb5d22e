# An image per service, and one for the migration, each a target:
#   docker build --target dispatcher -t postrider/dispatcher .     (config-api, event-ingest, dispatcher, signer, migrate)
# Everything is built once; each image then gets just its own production tree (deploy/container/assemble.mjs).
FROM node:24-slim AS base
ENV TURBO_TELEMETRY_DISABLED=1 npm_config_audit=false npm_config_fund=false npm_config_update_notifier=false
WORKDIR /src

# The manifests apart from the sources, so that a change of source alone installs nothing anew.
FROM base AS manifests
RUN npm install --global turbo@2.11.11
COPY . .
RUN turbo prune @postrider/config-api @postrider/event-ingest @postrider/dispatcher @postrider/signer \
      @postrider/dashboard --docker --out-dir /pruned

FROM base AS build
COPY --from=manifests /pruned/json/ ./
RUN npm ci --ignore-scripts
COPY --from=manifests /pruned/full/ ./
# The test kit is a development dependency of what is built, and takes its types from there.
COPY scripts/lib/ scripts/lib/
COPY tsconfig.base.json ./
RUN npx turbo run build --output-logs=errors-only
COPY deploy/container/assemble.mjs deploy/container/unneeded-packages.mjs deploy/container/
RUN node deploy/container/assemble.mjs /out config-api event-ingest dispatcher signer migrate

# What all of them have in common. Nothing is written to: it runs with a read-only root. Numbers, since Kubernetes can't
# tell from a name that a user is not root.
FROM node:24-slim AS runtime
ENV NODE_ENV=production HOST=0.0.0.0
WORKDIR /app
COPY deploy/container/healthcheck.mjs ./
USER 1000:1000
HEALTHCHECK --interval=10s --timeout=4s --start-period=30s --retries=3 CMD ["node", "healthcheck.mjs"]
# Settings may also come from a file: compose keeps secrets in one.
ENTRYPOINT ["node", "--env-file-if-exists=/run/postrider/env"]

FROM runtime AS config-api
ENV SERVICE_PORT=3000
COPY --from=build /out/config-api/ ./
EXPOSE 3000
CMD ["apps/config-api/dist/main.js"]

FROM runtime AS event-ingest
ENV SERVICE_PORT=3001
COPY --from=build /out/event-ingest/ ./
EXPOSE 3001
CMD ["apps/event-ingest/dist/main.js"]

FROM runtime AS dispatcher
ENV SERVICE_PORT=3002
COPY --from=build /out/dispatcher/ ./
EXPOSE 3002
CMD ["apps/dispatcher/dist/main.js"]

FROM runtime AS signer
ENV SERVICE_PORT=3003
COPY --from=build /out/signer/ ./
EXPOSE 3003
CMD ["apps/signer/dist/main.js"]

# Migrates the database and ends; for compose it also makes the secrets, and has the sample receiver.
FROM runtime AS migrate
COPY --from=build /out/migrate/ ./
COPY deploy/nats.conf deploy/container/make-secrets.mjs deploy/
COPY deploy/container/sample-receiver.mjs deploy/
# Volumes that are mounted here begin with this folder's owner.
USER 0:0
RUN install -d -o 1000 -g 1000 /secrets /secrets/kept /secrets/postgres /secrets/nats /secrets/migrate /secrets/config-api \
      /secrets/event-ingest /secrets/dispatcher /secrets/signer /secrets/receiver
USER 1000:1000
HEALTHCHECK NONE
CMD ["packages/database/dist/migrate.js"]
