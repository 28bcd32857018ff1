import hmac
ok = hmac.compare_digest(signature, expected)
