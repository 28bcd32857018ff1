package app

func run() {
	os.WriteFile(p, b, 0600)
}
