el.innerHTML = location.hash
