FROM debian:12-slim
RUN --mount=type=secret,id=npmrc,target=/root/.npmrc npm ci
RUN --mount=type=secret,id=a cp /run/secrets/a /tmp/a && make && rm /tmp/a
