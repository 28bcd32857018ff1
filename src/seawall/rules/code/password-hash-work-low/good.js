bcrypt.hashSync(password, 12)
