FROM debian:12-slim AS build
USER 0
FROM scratch
USER 65532
