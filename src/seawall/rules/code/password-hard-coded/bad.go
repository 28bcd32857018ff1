package app

func run() {
	dbPassword := "Tr0ub4dor&3"
}
