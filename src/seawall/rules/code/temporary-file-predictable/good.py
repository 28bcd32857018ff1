tempfile.NamedTemporaryFile()
