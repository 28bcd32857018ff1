crypto.createHash('sha256').update(body)
