FROM python:3.7-slim-stretch
USER 1000
