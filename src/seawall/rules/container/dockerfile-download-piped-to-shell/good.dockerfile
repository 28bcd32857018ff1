FROM debian:12-slim
RUN curl -fsSLo i.sh https://example.com/i.sh && echo '0123  i.sh' | sha256sum -c - && sh i.sh
RUN curl -fsSL https://example.com/a.tgz | tar xz
