requests.get('https://api.acme.com/v1', headers={'Authorization': t})
