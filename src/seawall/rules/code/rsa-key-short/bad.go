package app

func run() {
	rsa.GenerateKey(rand.Reader, 1024)
}
