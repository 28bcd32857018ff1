FROM debian:12-slim
RUN export API_TOKEN=abcdef && make
