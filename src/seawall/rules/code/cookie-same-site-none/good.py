r.set_cookie('id', v, samesite='Lax')
