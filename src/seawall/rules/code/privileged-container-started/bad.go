package app

var c = container.HostConfig{Privileged: true}
