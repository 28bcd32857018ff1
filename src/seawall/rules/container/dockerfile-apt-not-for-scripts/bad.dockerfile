FROM debian:12-slim
RUN apt install -y --no-install-recommends curl
