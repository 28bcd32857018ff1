FROM debian:12-slim
CMD python app.py
