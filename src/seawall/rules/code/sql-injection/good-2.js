const sql = `SELECT * FROM ${TABLE}`;
db.query(sql, [req.params.id])
