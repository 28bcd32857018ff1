docker.createContainer({ HostConfig: { Privileged: true } })
