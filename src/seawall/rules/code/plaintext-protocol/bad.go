package app

func run() {
	ldap.DialURL("ldap://dir.acme.com")
}
