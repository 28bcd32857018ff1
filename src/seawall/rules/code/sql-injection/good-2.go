package app

func f() {
name := r.FormValue("name")
query := "SELECT 1 WHERE y = $1"
db.Query(query, name)
}
