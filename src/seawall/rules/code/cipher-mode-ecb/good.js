crypto.createCipheriv('aes-128-gcm', key, iv)
