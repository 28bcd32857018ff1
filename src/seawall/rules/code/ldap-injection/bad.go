package app

func run() {
	ldap.NewSearchRequest(b, s, d, 0, 0, false, fmt.Sprintf("(uid=%s)", name), nil, nil)
}
