FROM debian:12-slim
COPY .env.example /app/
COPY id_rsa.pub /root/.ssh/
COPY app/ca.pem /etc/ssl/
