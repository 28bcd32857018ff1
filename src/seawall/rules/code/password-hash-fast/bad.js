crypto.createHash('sha256').update(req.body.password)
