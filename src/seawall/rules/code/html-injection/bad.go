package app

func run() {
	fmt.Fprintf(w, "<h1>%s</h1>", r.FormValue("name"))
}
