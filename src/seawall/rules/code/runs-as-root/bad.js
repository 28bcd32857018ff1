process.setuid(0)
