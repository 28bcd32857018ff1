Twilio.auth_token = ENV.fetch("TWILIO_AUTH_TOKEN")
datadog_checksum = "<32 hex>"
