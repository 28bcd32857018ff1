User(**request.json)
