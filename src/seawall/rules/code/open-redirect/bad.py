return_to = request.args.get('next')
redirect(return_to)
