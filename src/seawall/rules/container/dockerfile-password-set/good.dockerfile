FROM debian:12-slim
RUN useradd -m app && adduser --disabled-password --gecos '' b && passwd -l root
