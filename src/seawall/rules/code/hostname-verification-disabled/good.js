tls.connect({checkServerIdentity: (host, cert) => check(host, cert)})
