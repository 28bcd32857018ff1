ctx.check_hostname = True
