logger.info('login %s %s', user, password)
