logger.info('password changed')
