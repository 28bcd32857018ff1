page = request.args['page']
render_template_string(page)
