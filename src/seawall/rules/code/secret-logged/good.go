package app

func run() {
	log.Printf("password changed for %s", user)
}
