tls.connect({checkServerIdentity: () => undefined})
