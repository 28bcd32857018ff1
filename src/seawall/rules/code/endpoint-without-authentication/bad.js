const express = require("express");
const app = express();

app.get("/orders", requireAuth, (req, res) => res.json(list(req.user)));
app.delete("/orders/:id", (req, res) => res.json(cancel(req.params.id)));
app.get("/login", (req, res) => res.render("login"));
