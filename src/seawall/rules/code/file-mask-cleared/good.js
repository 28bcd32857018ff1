process.umask(0o027)
