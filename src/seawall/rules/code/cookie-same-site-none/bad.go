package app

var c = &http.Cookie{SameSite: http.SameSiteNoneMode}
