FROM debian:12-slim
CMD ["/a"]
CMD ["/b"]
