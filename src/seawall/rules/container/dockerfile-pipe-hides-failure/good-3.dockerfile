FROM debian:12-slim
RUN echo a | sha256sum -c -
