code = request.form['code']
ast.literal_eval(code)
