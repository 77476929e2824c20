# The browser's part is built here, and the dependencies of the server are chosen.
FROM node:24-slim AS build
WORKDIR /app

# Before the sources, so that a change of them installs nothing again. No scripts: the image brings Node itself, and the
# browser's part is not there to be built yet.
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund

COPY tsconfig.json vite.config.ts ./
COPY src ./src
RUN npm run prepare \
 && npm prune --omit=dev --ignore-scripts --no-audit --no-fund


FROM node:24-slim
LABEL org.opencontainers.image.title="Slipstream" \
      org.opencontainers.image.description="A self-hosted mirror of a rider's Ride With GPS routes and trips" \
      org.opencontainers.image.licenses="MIT"
WORKDIR /app

# What the program keeps is here and nowhere else; the rest of the file system may be read-only.
RUN install --directory --owner=node --group=node --mode=0700 /data
VOLUME /data

COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY package.json LICENSE ./
COPY migrations ./migrations
COPY src ./src

ENV NODE_ENV=production \
    DATA_DIR=/data \
    HOST=0.0.0.0 \
    PORT=3000
USER node
EXPOSE 3000

HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/healthz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]

# Run it with an init (docker run --init; compose.yaml does). SIGTERM lets what runs end, ten seconds at most.
STOPSIGNAL SIGTERM
CMD ["node", "src/main.ts", "serve"]
