package app

func run() {
	log.Printf("login %s %s", user, password)
}
