app.secret_key = 'super secret'
