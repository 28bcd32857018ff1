app.use(express.static('public'))
