FROM debian:12-slim
RUN adduser --system --uid 1000 app
USER 1000:1000
