FROM debian:12-slim
COPY --from=ghcr.io/team/tool:latest /tool /bin/
