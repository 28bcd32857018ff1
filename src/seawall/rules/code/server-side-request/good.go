package app

func run() {
	http.Get(api)
}
