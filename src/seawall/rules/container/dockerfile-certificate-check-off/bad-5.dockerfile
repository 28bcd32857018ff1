FROM debian:12-slim
RUN pip install --trusted-host pypi.example.com app==1.0
