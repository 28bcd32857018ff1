hashlib.sha256(d)
