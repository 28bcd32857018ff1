FROM debian:12-slim AS a
CMD ["/a"]
FROM debian:12-slim
CMD ["/b"]
