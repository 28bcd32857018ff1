jwt.sign({ id }, Buffer.from(key, 'hex'), { algorithm: 'HS256' })
