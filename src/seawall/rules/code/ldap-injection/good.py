import ldap
conn.search_s(base, ldap.SCOPE_SUBTREE, '(uid=admin)')
