json.loads(request.data)
