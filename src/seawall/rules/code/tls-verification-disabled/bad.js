https.get({host, rejectUnauthorized: false})
