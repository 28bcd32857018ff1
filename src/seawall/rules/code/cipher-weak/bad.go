package app

import "crypto/des"
func run() {
	des.NewCipher(k)
}
