FROM debian:12-slim
RUN echo 'no sudo here' > /etc/motd
