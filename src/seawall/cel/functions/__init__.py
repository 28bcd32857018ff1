"""The function library of CEL as Kubernetes 1.36 offers it, one module a library."""
