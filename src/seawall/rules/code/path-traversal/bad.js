fs.readFile('/data/' + req.params.name, cb)
