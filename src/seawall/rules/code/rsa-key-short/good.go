package app

func run() {
	rsa.GenerateKey(rand.Reader, 2048)
}
