package app

func run() {
	sql.Open("postgres", "host=db sslmode=require")
}
