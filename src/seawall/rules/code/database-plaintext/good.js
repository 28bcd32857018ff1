new Pool({connectionString: 'postgres://db/x?sslmode=require'})
