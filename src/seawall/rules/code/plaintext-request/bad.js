fetch('http://api.acme.com/v1')
