process.setuid('node')
