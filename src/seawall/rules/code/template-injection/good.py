render_template_string('<h1>{{ name }}</h1>', name=name)
