FROM debian:12-slim
RUN curl -k https://example.com/a -o a
