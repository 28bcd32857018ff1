name = request.args['name']
db.execute(QUERY, (name,))
