FROM debian:12-slim AS root
RUN a
FROM scratch
COPY --from=root / /
