Twilio.auth_token = "<32 hex>"
