FROM debian:12-slim
RUN --mount=type=secret,id=t set -eu; make
RUN set -eux; make
