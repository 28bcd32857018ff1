const jwt = require('jsonwebtoken');
const user = jwt.decode(token)
