package app

func run() {
	exec.Command("ping", host)
}
