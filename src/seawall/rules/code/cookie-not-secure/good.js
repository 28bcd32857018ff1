session({ cookie: { secure: true } })
