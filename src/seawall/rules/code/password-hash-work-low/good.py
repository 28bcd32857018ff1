hashlib.pbkdf2_hmac('sha256', p, salt, 600000)
