crypto.createCipheriv('aes-256-cbc', key, iv)
