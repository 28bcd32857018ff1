package app

func run() {
	token.SignedString(key)
}
