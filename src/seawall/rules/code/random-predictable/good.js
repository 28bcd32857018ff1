const x = Math.random()
