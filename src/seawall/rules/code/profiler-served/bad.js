inspector.open(9229, '0.0.0.0')
