FROM debian:12-slim
LABEL deploy.token=glpat123456
