FROM debian:12-slim AS build
RUN apt-get update && apt-get install -y --no-install-recommends gcc make && make
FROM debian:12-slim
COPY --from=build /app /app
