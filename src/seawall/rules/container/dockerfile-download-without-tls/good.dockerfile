FROM debian:12-slim
RUN wget https://example.com/tool.tgz && curl -f http://localhost:8080/health && curl http://127.0.0.1/
