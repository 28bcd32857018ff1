docker.createContainer({ HostConfig: { Privileged: false } })
