FROM debian:12-slim
COPY --from=busybox /bin/busybox /bin/
