users.findOne({ name: req.body.name, password: req.body.password })
