crypto.createCipheriv('aes-256-cbc', key, Buffer.alloc(16, 0))
