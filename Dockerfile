FROM node:20-bookworm-slim AS build
WORKDIR /harta
COPY package.json package-lock.json .npmrc ./
COPY client-sdk/package.json client-sdk/package.json
RUN npm ci --ignore-scripts --include=dev
COPY . .
RUN npm run build && npm prune --omit=dev --ignore-scripts

FROM node:20-bookworm-slim
ENV NODE_ENV=production
WORKDIR /harta
COPY --from=build --chown=node:node /harta /harta
USER node
EXPOSE 3000
CMD ["node", "--enable-source-maps", "dist/main.js", "web"]
