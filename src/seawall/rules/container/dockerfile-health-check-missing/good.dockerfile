FROM debian:12-slim
USER 1000
HEALTHCHECK CMD ["/app", "health"]
CMD ["/app"]
