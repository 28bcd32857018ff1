JSON.parse(req.cookies.profile)
