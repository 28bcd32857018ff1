FROM debian:12-slim
ENV DB_PASSWORD=swordfish-9
