import tarfile
tar.extractall(path, filter='data')
