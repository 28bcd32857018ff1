FROM debian:12-slim AS base
USER 1000
FROM base
CMD ["/app"]
