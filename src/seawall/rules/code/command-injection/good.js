const { exec } = require('child_process');
exec('ls')
