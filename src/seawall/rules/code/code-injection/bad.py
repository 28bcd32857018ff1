eval(request.args['expr'])
