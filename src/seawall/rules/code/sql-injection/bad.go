package app

func run() {
	db.Query("SELECT * FROM users WHERE name = '" + name + "'")
}
