FROM debian:12-slim
COPY .env /app/.env
