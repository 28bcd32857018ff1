FROM debian:12-slim
RUN chmod u+s /app/tool
