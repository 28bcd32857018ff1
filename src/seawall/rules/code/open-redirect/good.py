redirect(url_for('index'))
