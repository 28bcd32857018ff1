FROM debian:12-slim
RUN chmod 755 /app && chmod u+w /a && chmod 1777 /tmp && chmod a+x /b
COPY --chmod=755 app /app
