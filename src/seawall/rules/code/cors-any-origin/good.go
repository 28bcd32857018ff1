package app

func run() {
	w.Header().Set("Access-Control-Allow-Origin", origin)
}
