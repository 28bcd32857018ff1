FROM debian:12-slim
RUN --mount=type=secret,id=t set -eux; curl -H "Authorization: Bearer $(cat /run/secrets/t)" https://example.com
