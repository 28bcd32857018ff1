package app

func run() {
	syscall.Setuid(uid)
}
