package app

func run() {
	aes.NewCipher([]byte("0123456789abcdef"))
}
