password = 'password'
