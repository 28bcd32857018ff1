FROM debian:12-slim
RUN mysql --password=swordfish -e 'select 1'
