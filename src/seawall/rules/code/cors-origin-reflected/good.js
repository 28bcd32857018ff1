res.setHeader('Access-Control-Allow-Origin', allowed)
