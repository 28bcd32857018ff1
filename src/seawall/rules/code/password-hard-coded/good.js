const password = ''
