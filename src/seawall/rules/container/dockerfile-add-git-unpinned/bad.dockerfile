FROM debian:12-slim
ADD https://example.com/team/a.git /src
