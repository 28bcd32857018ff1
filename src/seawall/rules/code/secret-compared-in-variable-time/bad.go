package app

import "crypto/hmac"
func f() bool { return signature == expected }
