const dbPassword = 'Tr0ub4dor&3'
