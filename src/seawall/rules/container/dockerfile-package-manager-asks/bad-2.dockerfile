FROM rockylinux:9
RUN dnf install curl
