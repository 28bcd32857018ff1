import jwt
jwt.encode(c, None, algorithm='none')
