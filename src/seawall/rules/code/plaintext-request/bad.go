package app

func run() {
	http.Get("http://api.acme.com/v1")
}
