FROM debian:12-slim
LABEL org.opencontainers.image.authors=team@example.com
