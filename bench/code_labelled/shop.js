const express = require("express");
const { exec } = require("child_process");
const crypto = require("crypto");
const fs = require("fs");
const https = require("https");
const jwt = require("jsonwebtoken");
const session = require("express-session");
const cors = require("cors");
const axios = require("axios");
const app = express();

app.use(cors({ origin: true, credentials: true })); // expect: cors-any-origin
app.use(session({ secret: "cats and dogs", cookie: { secure: false } })); // expect: session-secret-hard-coded // expect: cookie-not-secure
const SECRET = process.env.JWT_SECRET || "development"; // expect: secret-with-default

app.get("/users", async (req, res) => {
  const rows = await db.query("SELECT * FROM users WHERE name = '" + req.query.name + "'"); // expect: sql-injection
  res.json(rows);
});
app.get("/orders/:id", async (req, res) => {
  const sql = `SELECT * FROM orders WHERE id = ${req.params.id}`; // expect: sql-injection
  res.json(await db.query(sql));
});
app.get("/safe/:id", async (req, res) => {
  res.json(await db.query("SELECT * FROM orders WHERE id = $1", [req.params.id]));
});
app.post("/login", async (req, res) => {
  const user = await users.findOne({ name: req.body.name, password: req.body.password }); // expect: nosql-injection
  console.log("login", req.body.name, req.body.password); // expect: secret-logged
  const token = jwt.sign({ id: user.id }, "hush-hush"); // expect: session-secret-hard-coded
  const reset = { resetToken: Math.random().toString(36).slice(2) }; // expect: random-predictable
  res.cookie("token", token, { httpOnly: false, sameSite: "lax", secure: true }); // expect: cookie-readable-by-scripts
  res.json(reset);
});
app.get("/ping", (req, res) => {
  exec("ping -c 1 " + req.query.host, (e, out) => res.send(out)); // expect: command-injection
});
app.get("/file", (req, res) => {
  res.sendFile("/srv/files/" + req.query.name); // expect: path-traversal
});
app.get("/read", (req, res) => {
  const name = req.query.name;
  fs.readFile(name, (e, data) => res.end(data)); // expect: path-traversal
});
app.get("/hello", (req, res) => {
  res.send("<h1>Hello " + req.query.name + "</h1>"); // expect: html-injection
});
app.get("/go", (req, res) => res.redirect(req.query.to)); // expect: open-redirect
app.get("/preview", async (req, res) => {
  const { url } = req.query;
  const page = await axios.get(url); // expect: server-side-request
  res.send(page.data);
});
app.get("/calc", (req, res) => res.send(String(eval(req.query.e)))); // expect: code-injection
app.post("/users", async (req, res) => res.json(await User.create(req.body))); // expect: mass-assignment
app.use((err, req, res, next) => res.status(500).send(err.stack)); // expect: error-detail-sent

const agent = new https.Agent({ rejectUnauthorized: false }); // expect: tls-verification-disabled
process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0"; // expect: tls-verification-disabled
const cipher = crypto.createCipheriv("des-ede3", key, null); // expect: cipher-weak
const hash = crypto.createHash("md5").update(password).digest("hex"); // expect: password-hash-fast
fetch("http://rates.acme.io/today"); // expect: plaintext-request
fetch(`https://rates.acme.io/today?token=${apiToken}`); // expect: token-in-address
const etag = crypto.createHash("sha256").update(body).digest("hex");
const id = Math.random();
