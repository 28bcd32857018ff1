Fernet(b'c2VjcmV0IGtleSBvZiBwYXJjZWwgc2hvcCEhISEhISE=')
