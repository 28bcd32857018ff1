package app

func run() {
	server.ListenAndServe()
}
