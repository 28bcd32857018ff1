FROM debian:12-slim
RUN apt-get update && apt-get install -y --no-install-recommends gcc make && make && rm -rf /var/lib/apt/lists/*
