from flask import Flask
app.run(host=h, debug=True)
