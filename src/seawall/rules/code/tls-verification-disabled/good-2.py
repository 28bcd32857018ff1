ctx.verify_mode = ssl.CERT_REQUIRED
