package app

var c = tls.Config{MinVersion: tls.VersionTLS12}
