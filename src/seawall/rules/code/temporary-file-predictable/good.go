package app

func run() {
	os.CreateTemp("", "report")
}
