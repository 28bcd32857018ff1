FROM debian:12-slim
RUN --mount=type=cache,target=/root make
