name = request.args['name']
q = "SELECT * FROM users WHERE name = '" + name + "'"
db.execute(q)
