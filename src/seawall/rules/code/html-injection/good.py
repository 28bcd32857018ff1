def f():
    return render_template('a.html', name=request.args['name'])
