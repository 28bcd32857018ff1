FROM debian:12-slim
ONBUILD COPY . /app
