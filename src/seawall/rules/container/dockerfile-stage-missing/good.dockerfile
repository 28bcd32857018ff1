FROM golang:1.23 AS build
RUN go build
FROM scratch
COPY --from=build /a /a
COPY --from=0 /b /b
