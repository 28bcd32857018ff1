if os.geteuid() != 0:
    sys.exit('run me as root')
