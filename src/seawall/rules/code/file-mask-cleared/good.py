os.umask(0o027)
