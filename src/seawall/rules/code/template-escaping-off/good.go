package app

func run() {
	x := template.HTML(rendered)
}
