const ejs = require('ejs');
ejs.render(page, { name: req.body.name })
