package app

func run() {
	exec.Command("sh", "-c", "ping "+host)
}
