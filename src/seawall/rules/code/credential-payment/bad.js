const stripe = require("stripe")("sk_live_<24 A-Za-z0-9>");
