hashlib.md5(data).hexdigest()
