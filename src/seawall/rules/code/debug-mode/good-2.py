DEBUG = env.bool('DEBUG')
INSTALLED_APPS = []
