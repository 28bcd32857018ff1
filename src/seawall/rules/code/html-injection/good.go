package app

func run() {
	fmt.Fprintf(w, "%d", n)
}
