FROM debian:12-slim
MAINTAINER team@example.com
