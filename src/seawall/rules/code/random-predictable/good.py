token = secrets.token_hex()
