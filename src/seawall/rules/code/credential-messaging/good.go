package main

// The form of a token: xoxb-xxxxxxxxxxxx-xxxxxxxxxxxx-xxxxxxxxxxxx
var token = os.Getenv("SLACK_TOKEN")
