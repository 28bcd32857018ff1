FROM debian:12-slim
RUN bash <(curl -s https://example.com/i.sh)
