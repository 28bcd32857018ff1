FROM python:3.13-slim
RUN pip install --no-cache-dir --upgrade pip setuptools wheel && pip install --no-cache-dir ./a.whl -i https://example.com/simple uvicorn==0.30
