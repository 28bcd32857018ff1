FROM debian:12-slim
RUN wget http://example.com/tool.tgz
