FROM debian:12-slim
COPY a /app
