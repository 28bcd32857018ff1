psycopg.connect('host=db sslmode=verify-full')
