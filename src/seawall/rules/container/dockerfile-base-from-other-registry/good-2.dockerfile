FROM debian:12-slim
FROM scratch
