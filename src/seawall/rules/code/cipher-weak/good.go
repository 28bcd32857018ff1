package app

import "crypto/aes"
func run() {
	aes.NewCipher(k)
}
