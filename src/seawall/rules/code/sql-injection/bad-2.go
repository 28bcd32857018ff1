package app

func f() {
name := r.FormValue("name")
query := fmt.Sprintf("SELECT * FROM x WHERE y = '%s'", name)
db.Query(query)
}
