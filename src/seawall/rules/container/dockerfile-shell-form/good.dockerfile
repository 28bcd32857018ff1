FROM debian:12-slim
ENTRYPOINT ["./start.sh"]
CMD ["--port", "8080"]
