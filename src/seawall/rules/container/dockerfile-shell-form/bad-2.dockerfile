FROM debian:12-slim
ENTRYPOINT ./start.sh
