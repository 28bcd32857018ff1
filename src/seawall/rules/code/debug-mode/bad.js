const errorhandler = require('errorhandler');
app.use(errorhandler())
