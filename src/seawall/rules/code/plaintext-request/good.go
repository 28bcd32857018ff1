package app

func run() {
	http.Get("http://localhost/v1"); http.Get("https://acme.com")
}
