FROM rockylinux:9
RUN dnf install -y curl && dnf clean all
