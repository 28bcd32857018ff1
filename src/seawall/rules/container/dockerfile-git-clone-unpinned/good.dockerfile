FROM debian:12-slim
RUN git clone --branch v1.2.3 --depth 1 https://example.com/a.git
RUN git clone https://example.com/b.git && git -C b checkout 0123abc
