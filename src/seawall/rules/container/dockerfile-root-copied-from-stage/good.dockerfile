FROM golang:1.23 AS build
RUN go build
FROM debian:12-slim
COPY --from=build /out /out
