console.log('password changed')
