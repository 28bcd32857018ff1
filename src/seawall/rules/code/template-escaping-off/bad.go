package app

func run() {
	q := r.FormValue("q")
x := template.HTML(q)
}
