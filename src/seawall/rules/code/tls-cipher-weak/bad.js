tls.createServer({ ciphers: 'RC4:AES128-SHA' })
