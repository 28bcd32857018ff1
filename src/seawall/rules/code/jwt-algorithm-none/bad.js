jwt.sign(c, '', { algorithm: 'none' })
