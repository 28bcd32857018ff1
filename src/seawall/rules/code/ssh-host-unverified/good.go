package app

var c = ssh.ClientConfig{HostKeyCallback: ssh.FixedHostKey(k)}
