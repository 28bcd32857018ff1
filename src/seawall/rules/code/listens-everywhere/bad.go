package app

func run() {
	net.Listen("tcp", ":8080")
}
