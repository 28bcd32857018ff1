package app

func run() {
	syscall.Umask(0)
}
