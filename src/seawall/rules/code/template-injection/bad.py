render_template_string(f'<h1>{name}</h1>')
