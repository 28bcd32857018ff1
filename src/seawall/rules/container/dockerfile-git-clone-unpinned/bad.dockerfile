FROM debian:12-slim
RUN git clone https://example.com/a.git && make -C a
