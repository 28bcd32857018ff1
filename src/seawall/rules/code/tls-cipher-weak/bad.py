ctx.set_ciphers('RC4-SHA:AES')
