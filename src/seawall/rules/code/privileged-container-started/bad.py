client.containers.run('alpine', privileged=True)
