const sql = `SELECT * FROM orders WHERE id = ${req.params.id}`;
db.query(sql)
