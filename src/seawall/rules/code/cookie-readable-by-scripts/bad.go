package app

var c = &http.Cookie{Name: "s", HttpOnly: false}
