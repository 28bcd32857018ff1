package app

func run() {
	name := filepath.Base(r.FormValue("name"))
os.ReadFile("/data/" + name)
}
