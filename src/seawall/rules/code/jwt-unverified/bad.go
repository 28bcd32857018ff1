package app

func run() {
	jwt.NewParser().ParseUnverified(t, c)
}
