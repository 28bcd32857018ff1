package app

func run() {
	http.ListenAndServe(":8080", nil)
}
