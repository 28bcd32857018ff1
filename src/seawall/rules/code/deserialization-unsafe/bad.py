pickle.loads(request.data)
