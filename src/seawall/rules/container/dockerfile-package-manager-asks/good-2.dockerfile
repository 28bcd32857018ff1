FROM debian:12-slim
RUN yes | apt-get install curl
