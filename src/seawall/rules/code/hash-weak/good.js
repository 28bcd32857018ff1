crypto.createHash('sha256')
