User.create({ name: req.body.name })
