package app

import "crypto/sha256"
func run() {
	sha256.Sum256(b)
}
