ALLOWED_HOSTS = ['shop.acme.com']
