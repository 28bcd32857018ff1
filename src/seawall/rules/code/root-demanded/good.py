if os.geteuid() == 0:
    sys.exit('do not run me as root')
