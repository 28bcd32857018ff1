package app

import "math/rand"
func run() {
	delay := rand.Intn(10)
}
