app.use(cors())
