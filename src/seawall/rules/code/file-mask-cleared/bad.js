process.umask(0)
