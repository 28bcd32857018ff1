package app

const socket = "/var/run/docker.sock"
