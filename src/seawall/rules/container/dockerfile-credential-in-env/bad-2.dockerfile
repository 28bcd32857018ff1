FROM debian:12-slim
ENV API_TOKEN s3cr3t-value
