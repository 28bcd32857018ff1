console.error(err.stack)
