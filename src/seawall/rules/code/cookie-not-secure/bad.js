session({ cookie: { secure: false } })
