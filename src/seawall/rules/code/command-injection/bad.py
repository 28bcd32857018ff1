os.system('ping ' + host)
