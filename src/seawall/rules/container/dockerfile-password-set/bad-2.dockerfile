FROM debian:12-slim
RUN useradd -m -p hunter2 app
