DockerClient(base_url=url)
