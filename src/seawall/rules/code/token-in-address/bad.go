package app

func run() {
	http.Get("https://api.acme.com/v1?token=" + token)
}
