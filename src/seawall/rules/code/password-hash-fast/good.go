package app

func run() {
	sha256.Sum256([]byte(body))
}
