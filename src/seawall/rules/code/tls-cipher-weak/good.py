ctx.set_ciphers('ECDHE+AESGCM:!aNULL')
