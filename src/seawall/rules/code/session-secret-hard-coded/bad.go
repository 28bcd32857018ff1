package app

func run() {
	sessions.NewCookieStore([]byte("super-secret"))
}
