client.containers.run('alpine', privileged=False)
