package app

func run() {
	name := r.FormValue("name")
os.ReadFile("/data/" + name)
}
