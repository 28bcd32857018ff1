const debugger_ = 1
