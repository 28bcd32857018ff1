package app

func run() {
	return key, nil
}
