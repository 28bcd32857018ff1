def f():
    return traceback.format_exc(), 500
