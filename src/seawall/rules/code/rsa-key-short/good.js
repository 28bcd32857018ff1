crypto.generateKeyPairSync('rsa', { modulusLength: 4096 })
