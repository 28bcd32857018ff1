FROM debian:12-slim
ARG NPM_TOKEN
RUN npm ci
