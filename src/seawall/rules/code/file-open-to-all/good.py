os.chmod(path, 0o640)
