FROM debian:12-slim
COPY tool /opt/
