os.setuid(1000)
