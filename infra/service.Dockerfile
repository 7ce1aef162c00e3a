# One image for every service; the command chooses: node services/<name>/dist/main.js
FROM node:24-bookworm-slim AS manifests
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY shared/package.json shared/
COPY services/gateway/package.json services/gateway/
COPY services/policy/package.json services/policy/
COPY services/tracker/package.json services/tracker/
COPY services/standalone/package.json services/standalone/
COPY e2e/package.json e2e/

FROM manifests AS build
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts
COPY tsconfig.base.json ./
COPY shared shared
COPY services services
RUN npx tsc -b services/standalone \
 && find shared services -mindepth 1 -maxdepth 2 \( -name src -o -name test \) -exec rm -rf {} +

FROM manifests AS production
RUN --mount=type=cache,target=/root/.npm \
    npm ci --ignore-scripts --omit=dev --include-workspace-root=false \
      -w shared -w services/gateway -w services/policy -w services/tracker -w services/standalone \
 && rm -rf e2e

FROM node:24-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
# A new volume takes the owner of the folder it is mounted on. The folders are empty: what they held would be copied by each
# replica of a first start at once, over one another.
RUN mkdir /data /files /spool /keys && chown node:node /data /files /spool /keys && chmod 700 /keys
COPY --from=build /app/shared shared
COPY --from=build /app/services services
COPY --from=production /app ./
COPY config config
USER node
ENV HEALTH_URL=http://127.0.0.1:8173/readyz
HEALTHCHECK --interval=5s --timeout=3s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch(process.env.HEALTH_URL).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "services/standalone/dist/main.js", "--host", "0.0.0.0", "--data", "/data"]
