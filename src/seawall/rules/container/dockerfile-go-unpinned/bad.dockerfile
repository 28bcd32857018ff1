FROM golang:1.23 AS build
RUN go install example.com/tool@latest
FROM scratch
