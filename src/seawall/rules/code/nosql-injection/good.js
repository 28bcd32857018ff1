users.findOne({ name: String(req.body.name) })
