package app

func run() {
	http.Redirect(w, r, r.FormValue("next"), 302)
}
