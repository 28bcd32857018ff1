resp.headers['Access-Control-Allow-Origin'] = ORIGIN
