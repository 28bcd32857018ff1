FROM debian:12-slim
RUN echo 'deb [trusted=yes] https://example.com/ ./' > /etc/apt/sources.list.d/a.list
