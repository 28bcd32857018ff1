FROM debian:12-slim
RUN setcap cap_sys_admin+ep /app/tool
