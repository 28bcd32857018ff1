const libxml = require('libxmljs');
libxml.parseXml(x, { noent: true })
