jwt.decode(t, key, algorithms=['RS256'])
