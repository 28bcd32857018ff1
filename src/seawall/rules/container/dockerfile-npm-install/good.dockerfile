FROM node:22-slim
COPY package*.json ./
RUN npm ci --omit=dev && npm install -g pm2@5.4.2
