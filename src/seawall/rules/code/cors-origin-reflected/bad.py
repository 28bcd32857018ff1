resp.headers['Access-Control-Allow-Origin'] = request.headers['Origin']
