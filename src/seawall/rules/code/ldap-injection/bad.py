import ldap
conn.search_s(base, ldap.SCOPE_SUBTREE, f'(uid={name})')
