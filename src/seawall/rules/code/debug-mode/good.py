app.run(host=h)
