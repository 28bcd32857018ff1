FROM debian:12-slim
COPY --chmod=0777 app /app
