Fernet(key)
