const { exec } = require('child_process');
exec(`ping ${host}`)
