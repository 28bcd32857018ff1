const hook = "https://hooks.slack.com/services/T<10 A-Z0-9>/B<10 A-Z0-9>/<24 A-Za-z0-9>";
