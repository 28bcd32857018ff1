render_template_string(PAGE, name=request.args['name'])
