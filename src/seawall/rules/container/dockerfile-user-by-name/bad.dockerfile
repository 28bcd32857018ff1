FROM debian:12-slim
RUN adduser --system app
USER app
