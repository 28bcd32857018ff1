jwt.sign(c, key, { algorithm: 'RS256' })
