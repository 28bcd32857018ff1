package app

var c = &http.Cookie{Name: "session", Value: v}
