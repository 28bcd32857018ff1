def f():
    log.error(traceback.format_exc())
