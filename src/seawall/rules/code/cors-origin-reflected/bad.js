res.setHeader('Access-Control-Allow-Origin', req.headers.origin)
