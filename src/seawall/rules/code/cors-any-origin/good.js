app.use(cors({ origin: 'https://acme.com' }))
