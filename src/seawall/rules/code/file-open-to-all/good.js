fs.chmodSync(path, 0o640)
