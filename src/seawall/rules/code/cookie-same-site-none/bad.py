r.set_cookie('id', v, samesite='None')
