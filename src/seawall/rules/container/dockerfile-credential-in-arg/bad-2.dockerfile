ARG DB_PASSWORD=swordfish
FROM debian:12-slim
