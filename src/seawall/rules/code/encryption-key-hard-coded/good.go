package app

func run() {
	aes.NewCipher(key)
}
