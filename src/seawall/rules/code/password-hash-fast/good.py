hashlib.sha256(body)
