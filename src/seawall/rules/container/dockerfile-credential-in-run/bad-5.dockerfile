FROM debian:12-slim
RUN npm config set //npm.example.com/:_authToken=npm123456
