# syntax=docker/dockerfile:1-labs
FROM debian:12-slim
RUN --security=insecure make
