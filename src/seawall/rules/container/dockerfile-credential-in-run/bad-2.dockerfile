FROM debian:12-slim
RUN git clone https://oauth2:swordfish99@git.example.com/a.git
