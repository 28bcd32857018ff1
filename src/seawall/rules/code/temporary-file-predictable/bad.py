name = tempfile.mktemp()
