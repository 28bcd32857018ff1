requests.get(f'https://api.acme.com/v1?api_key={key}')
