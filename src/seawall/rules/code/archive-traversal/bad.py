import tarfile
tar = tarfile.open(f)
tar.extractall(path)
