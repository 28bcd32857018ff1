FROM debian:12-slim
RUN apt-get install -qqy --no-install-recommends curl && apt-get --yes install jq
RUN apt-get -q=2 install a
