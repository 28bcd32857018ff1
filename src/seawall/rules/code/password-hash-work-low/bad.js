bcrypt.hashSync(password, 8)
