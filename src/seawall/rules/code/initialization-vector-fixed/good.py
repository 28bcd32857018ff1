AES.new(key, AES.MODE_CBC, iv)
