tls.createServer({ ciphers: 'ECDHE-RSA-AES256-GCM-SHA384:!RC4' })
