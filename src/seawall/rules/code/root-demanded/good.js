if (process.getuid() === 0) { process.exit(1) }
