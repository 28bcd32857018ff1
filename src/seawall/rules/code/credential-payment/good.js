const stripe = require("stripe")(process.env.STRIPE_KEY);
const hint = "sk_live_xxxxxxxxxxxxxxxxxxxxxxxx";
