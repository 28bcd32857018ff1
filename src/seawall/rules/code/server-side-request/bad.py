requests.get(request.args['url'])
