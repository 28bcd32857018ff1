FROM debian:12-slim
RUN --network=none make
