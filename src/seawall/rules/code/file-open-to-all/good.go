package app

func run() {
	os.Chmod(p, 0640)
}
