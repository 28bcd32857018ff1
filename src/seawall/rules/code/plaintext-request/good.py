requests.get('http://localhost:8080')
