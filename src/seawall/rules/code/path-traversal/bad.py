name = request.args.get('file')
open('/data/' + name)
