jinja2.Environment(loader=l, autoescape=True)
