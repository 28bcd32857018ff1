def f():
    return f"<h1>{request.args['name']}</h1>"
