FROM debian:12-slim
RUN --mount=type=secret,id=t curl -H "Authorization: Bearer $(cat /run/secrets/t)" https://example.com/a
RUN git clone https://git.example.com/a.git
RUN API_TOKEN=$(cat /run/secrets/t) make
RUN curl -u "$USER:$PASS" https://example.com
