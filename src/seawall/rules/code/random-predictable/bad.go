package app

import "math/rand"
func run() {
	token := rand.Intn(10)
}
