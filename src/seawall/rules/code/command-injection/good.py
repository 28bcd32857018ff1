os.system('sync')
