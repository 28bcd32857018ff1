requests.get(url, timeout=5)
