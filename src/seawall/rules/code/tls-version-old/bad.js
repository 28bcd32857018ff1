https.createServer({minVersion: 'TLSv1'})
