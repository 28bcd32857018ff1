FROM debian:12-slim
COPY app /app
USER 65532
CMD ["/app"]
