FROM scratch
ADD --chown=1:1 https://example.com/x.git#v1.2.3 /x
