package app

func run() {
	http.Redirect(w, r, "/login", 302)
}
