FROM debian:12-slim
USER root
RUN adduser --system app
USER 1000:1000
