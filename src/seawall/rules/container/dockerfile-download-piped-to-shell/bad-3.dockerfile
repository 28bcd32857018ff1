FROM debian:12-slim
RUN <<EOF
set -e
curl https://example.com/i.py | sudo python3 -
EOF
