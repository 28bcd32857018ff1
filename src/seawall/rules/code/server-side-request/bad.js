fetch(req.query.url)
