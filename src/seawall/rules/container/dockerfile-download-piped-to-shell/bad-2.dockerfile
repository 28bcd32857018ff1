FROM debian:12-slim
RUN bash -c "$(wget -qO- https://example.com/i.sh)"
