FROM debian:12-slim
COPY --chown=1:1 keys/id_rsa /root/.ssh/
