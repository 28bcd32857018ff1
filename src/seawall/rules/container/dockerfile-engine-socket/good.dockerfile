FROM debian:12-slim
VOLUME /data
ENV DOCKER_HOST=ssh://build
