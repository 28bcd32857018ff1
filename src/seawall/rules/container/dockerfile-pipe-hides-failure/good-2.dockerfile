FROM debian:12-slim
RUN set -euo pipefail; wget -qO- https://example.com/a.tgz | tar xz
