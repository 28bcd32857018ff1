crypto.createHash('md5').update(x)
