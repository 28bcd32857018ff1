package app

func run() {
	os.Chmod(p, os.ModePerm)
}
