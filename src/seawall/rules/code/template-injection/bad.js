const ejs = require('ejs');
ejs.render(req.body.page, {})
