requests.get(API, params={'q': request.args['q']})
