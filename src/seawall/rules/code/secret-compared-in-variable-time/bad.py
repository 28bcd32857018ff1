import hmac
if signature == expected: pass
