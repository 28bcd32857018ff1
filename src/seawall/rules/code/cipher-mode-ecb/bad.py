AES.new(key, AES.MODE_ECB)
