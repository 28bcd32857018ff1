package app

func run() {
	ldap.NewSearchRequest(b, s, d, 0, 0, false, filter, nil, nil)
}
