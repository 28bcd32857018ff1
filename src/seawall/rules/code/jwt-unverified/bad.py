jwt.decode(t, options={'verify_signature': False})
