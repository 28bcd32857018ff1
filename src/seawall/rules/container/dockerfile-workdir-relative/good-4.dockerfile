FROM debian:12-slim
WORKDIR /a
WORKDIR ${X:-/b}
