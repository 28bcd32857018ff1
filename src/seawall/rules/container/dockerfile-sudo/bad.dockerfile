FROM debian:12-slim
RUN sudo make install
