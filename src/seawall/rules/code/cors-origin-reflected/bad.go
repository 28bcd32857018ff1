package app

func run() {
	w.Header().Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
}
