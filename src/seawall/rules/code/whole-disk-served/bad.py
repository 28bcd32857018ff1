StaticFiles(directory='.')
