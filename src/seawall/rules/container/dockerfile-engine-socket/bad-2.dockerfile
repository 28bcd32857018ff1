FROM debian:12-slim
ENV DOCKER_HOST=tcp://dind:2375
