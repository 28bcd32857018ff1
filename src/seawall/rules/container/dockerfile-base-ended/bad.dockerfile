FROM debian:9-slim
USER 1000
