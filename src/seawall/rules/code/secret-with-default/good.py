os.environ.get('SECRET_KEY', '')
