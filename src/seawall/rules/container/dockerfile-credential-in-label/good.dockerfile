FROM debian:12-slim
LABEL org.opencontainers.image.title=app token.policy=none
