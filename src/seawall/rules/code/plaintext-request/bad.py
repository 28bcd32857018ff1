requests.post('http://api.acme.com/v1', json=d)
