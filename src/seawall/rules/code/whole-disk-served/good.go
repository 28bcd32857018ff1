package app

func run() {
	http.FileServer(http.Dir("/srv/static"))
}
