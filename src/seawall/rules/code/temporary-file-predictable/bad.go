package app

func run() {
	os.Create("/tmp/report.csv")
}
