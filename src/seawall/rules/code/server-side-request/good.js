fetch(`https://api.acme.com/items/${req.params.id}`)
