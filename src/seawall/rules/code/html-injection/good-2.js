res.send({ q: req.query.q })
