package app

const flagPassword = "password"
