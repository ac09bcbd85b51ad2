# The sources become JavaScript in one stage; the other takes only that and the packages it needs.

# A tag, so that a build takes the newest fixes. To pin it: --build-arg NODE_IMAGE=node:26-slim@sha256:…, with
# the digest that `docker buildx imagetools inspect node:26-slim` tells. Not alpine: node:ffi needs glibc.
ARG NODE_IMAGE=node:26-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Nothing compiled here needs a package's own install script.
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json tsconfig.types.json ./
COPY src ./src
RUN npm run build

FROM ${NODE_IMAGE} AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts

FROM ${NODE_IMAGE}
WORKDIR /app
COPY --from=packages /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY package.json LICENSE ./
COPY schemas ./schemas
# The build fails if the program does not start.
RUN ["node", "dist/main.js", "--version"]
USER node
# Its own threads take what they need; the main one would keep 10 MB from its start for nothing.
ENV NODE_ENV=production NODE_OPTIONS=--max-semi-space-size=1
# Health, metrics and the status page, where HTTP_LISTEN lets others than this container reach them.
EXPOSE 9464
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["node", "dist/main.js", "healthcheck"]
# SIGTERM drains: give it more time than SHUTDOWN_TIMEOUT before killing.
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "dist/main.js"]
CMD ["run"]
