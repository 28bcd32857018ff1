os.setuid(0)
