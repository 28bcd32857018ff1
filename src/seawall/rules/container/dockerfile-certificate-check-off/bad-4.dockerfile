FROM debian:12-slim
RUN git config --global http.sslVerify false
