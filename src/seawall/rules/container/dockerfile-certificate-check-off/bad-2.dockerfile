FROM debian:12-slim
RUN wget --no-check-certificate https://example.com/a
