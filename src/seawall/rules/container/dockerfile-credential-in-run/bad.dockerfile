FROM debian:12-slim
RUN curl -u deploy:swordfish https://example.com/a
