FROM debian:12-slim
ARG VERSION=1.2
ARG TOKEN_FILE=/run/secrets/token
RUN --mount=type=secret,id=npm npm ci
