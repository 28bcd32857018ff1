FROM python:3.13-slim
RUN --mount=type=cache,target=/root/.cache/pip python -m pip install app==1.0
