package app

func run() {
	bcrypt.GenerateFromPassword(p, bcrypt.DefaultCost)
}
