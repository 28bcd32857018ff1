FROM debian:12-slim
ADD .npmrc /root/
