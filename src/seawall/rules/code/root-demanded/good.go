package app

func run() {
	if os.Geteuid() == 0 { log.Fatal("do not") }
}
