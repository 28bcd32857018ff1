FROM node:22.9-slim
USER 1000
