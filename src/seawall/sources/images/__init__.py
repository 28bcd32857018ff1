"""Where images come from: OCI layouts, archives, registries, container runtimes, root directories. One port: `port`."""
