crypto.generateKeyPairSync('rsa', { modulusLength: 1024 })
