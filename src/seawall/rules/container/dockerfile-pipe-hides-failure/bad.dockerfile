FROM debian:12-slim
RUN wget -qO- https://example.com/a.tgz | tar xz
