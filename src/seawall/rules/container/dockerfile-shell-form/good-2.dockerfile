FROM debian:12-slim
CMD exec python app.py
