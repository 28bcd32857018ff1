const jwt = require('jsonwebtoken');
const user = jwt.verify(token, key)
