FROM debian:12-slim
VOLUME /usr /etc
