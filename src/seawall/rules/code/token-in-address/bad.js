fetch(`https://api.acme.com/v1?access_token=${token}`)
