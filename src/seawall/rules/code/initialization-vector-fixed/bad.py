AES.new(key, AES.MODE_CBC, b'0' * 16)
