new Docker({ socketPath: path })
