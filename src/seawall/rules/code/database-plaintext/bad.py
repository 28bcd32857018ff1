psycopg.connect('host=db sslmode=disable')
