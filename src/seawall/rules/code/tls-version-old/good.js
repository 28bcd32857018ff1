https.createServer({minVersion: 'TLSv1.2'})
