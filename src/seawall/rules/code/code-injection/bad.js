eval(req.query.expr)
