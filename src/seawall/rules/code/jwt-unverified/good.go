package app

func run() {
	jwt.Parse(t, key)
}
