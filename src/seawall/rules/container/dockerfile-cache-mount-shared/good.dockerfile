FROM debian:12-slim
RUN --mount=type=cache,target=/root/.cache/pip pip install --no-cache-dir -r r.txt
