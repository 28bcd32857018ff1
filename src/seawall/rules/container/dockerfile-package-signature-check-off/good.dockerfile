FROM debian:12-slim
RUN apt-get update && apt-get install -y --no-install-recommends app && rm -rf /var/lib/apt/lists/*
