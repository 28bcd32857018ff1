package app

func run() {
	http.FileServer(http.Dir("/"))
}
