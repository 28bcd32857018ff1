User(name=request.json['name'])
