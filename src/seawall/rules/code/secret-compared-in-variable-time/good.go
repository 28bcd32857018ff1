package app

import "crypto/hmac"
func f() bool { return hmac.Equal(signature, expected) }
