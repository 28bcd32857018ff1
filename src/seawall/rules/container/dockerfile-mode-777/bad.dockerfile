FROM debian:12-slim
RUN chmod -R 777 /app
