res.sendFile(req.params.name, { root })
