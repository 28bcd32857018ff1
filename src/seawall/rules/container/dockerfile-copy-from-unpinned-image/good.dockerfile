FROM debian:12-slim
COPY --from=busybox:1.36.1@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef /bin/busybox /bin/
COPY --from=ghcr.io/team/tool:1.4.2 /tool /bin/
