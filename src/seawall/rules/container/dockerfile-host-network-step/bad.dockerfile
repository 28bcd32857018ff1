FROM debian:12-slim
RUN --network=host make
