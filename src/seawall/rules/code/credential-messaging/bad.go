package main

const token = "xoxb-<12 digits>-<13 digits>-<24 A-Za-z0-9>"
