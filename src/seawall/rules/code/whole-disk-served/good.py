StaticFiles(directory='static')
