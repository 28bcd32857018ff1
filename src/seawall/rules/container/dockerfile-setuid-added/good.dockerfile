FROM debian:12-slim
RUN chmod 0755 /app/tool && chmod u-s /bin/su && setcap cap_net_bind_service=+ep /app/web
