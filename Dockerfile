# One image per service:  docker build --build-arg SERVICE=dispatcher -t postrider-dispatcher .
# SERVICE: config-api, event-ingest, dispatcher or signer; the image also carries the migration (see docker-compose.yml).
FROM node:24-slim AS build
ARG SERVICE
WORKDIR /app
COPY . .
RUN npm ci --ignore-scripts \
 && npx turbo run build --filter=@postrider/${SERVICE} --filter=@postrider/database \
 && if [ "$SERVICE" = config-api ]; then npx turbo run build --filter=@postrider/dashboard; fi \
 && mkdir -p apps/dashboard/dist \
 && npm prune --omit=dev --ignore-scripts

FROM node:24-slim
ARG SERVICE
ENV NODE_ENV=production HOST=0.0.0.0 SERVICE=${SERVICE}
WORKDIR /app
COPY --from=build /app/package.json ./package.json
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/packages ./packages
COPY --from=build /app/apps/${SERVICE} ./apps/${SERVICE}
COPY --from=build /app/apps/dashboard/dist ./apps/dashboard/dist
USER node
CMD ["sh", "-c", "exec node apps/$SERVICE/dist/main.js"]
