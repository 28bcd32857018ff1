new https.Agent({ rejectUnauthorized: true })
