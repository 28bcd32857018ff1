package app

func run() {
	ldap.DialURL("ldaps://dir.acme.com")
}
