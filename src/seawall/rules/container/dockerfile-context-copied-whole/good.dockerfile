FROM debian:12-slim
COPY src/ /app/src/
COPY package.json /app/
