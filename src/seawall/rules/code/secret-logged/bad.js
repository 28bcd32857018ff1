console.log('login', user.password)
