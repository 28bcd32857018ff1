FROM rockylinux:9
RUN --mount=type=cache,target=/var/cache/dnf dnf install -y curl
