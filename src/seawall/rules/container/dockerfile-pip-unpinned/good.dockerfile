FROM python:3.13-slim
RUN pip install --no-cache-dir flask==3.0.3 'gunicorn~=22.0' && pip install --no-cache-dir -r requirements.txt && pip install --no-cache-dir . && pip install --no-cache-dir -c lock.txt flask
