FROM debian:12-slim
RUN chmod a+w /etc/app.conf
