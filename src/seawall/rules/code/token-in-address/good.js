fetch('https://api.acme.com/v1', { headers })
