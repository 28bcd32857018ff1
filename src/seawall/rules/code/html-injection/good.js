el.innerHTML = '<p>'
