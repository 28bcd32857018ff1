FROM debian:12-slim
ADD https://example.com/team/a.git#8f2b0c1d9e7a6b5c4d3e2f1a0b9c8d7e6f5a4b3c /src
