package app

var c = &tls.Config{InsecureSkipVerify: insecure}
