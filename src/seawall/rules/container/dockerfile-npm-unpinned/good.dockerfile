FROM node:22-slim
RUN npm install -g pm2@5.4.2 @scope/a@1.0.0 && npm ci && npm install ./local.tgz
