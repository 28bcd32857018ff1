name = secure_filename(request.files['f'].filename)
open(name)
