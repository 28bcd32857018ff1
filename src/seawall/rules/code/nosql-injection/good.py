users.find_one({'name': str(name)})
