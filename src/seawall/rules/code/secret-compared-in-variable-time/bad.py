mac = hmac.new(k, b, 'sha256')
if signature == expected: pass
