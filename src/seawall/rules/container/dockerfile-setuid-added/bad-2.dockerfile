FROM debian:12-slim
RUN chmod 4755 /app/tool
