users.find_one(request.json)
