res.redirect('/login')
