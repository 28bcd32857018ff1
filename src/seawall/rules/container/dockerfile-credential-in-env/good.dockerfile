FROM debian:12-slim
ENV DB_HOST=db DB_PASSWORD_FILE=/run/secrets/db
ENV API_TOKEN=
