FROM debian:12.7-slim
USER 1000
