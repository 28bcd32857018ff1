db_password = 'Tr0ub4dor&3'
