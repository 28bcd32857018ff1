User.create(req.body)
