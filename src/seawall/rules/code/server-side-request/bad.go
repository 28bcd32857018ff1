package app

func run() {
	u := r.URL.Query().Get("url")
http.Get(u)
}
