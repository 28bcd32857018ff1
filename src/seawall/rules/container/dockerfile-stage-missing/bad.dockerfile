FROM debian:12
COPY --from=build /a /a
FROM debian:12 AS build
