FROM debian:12-slim
RUN echo 'app ALL=(ALL) NOPASSWD: ALL' >> /etc/sudoers
