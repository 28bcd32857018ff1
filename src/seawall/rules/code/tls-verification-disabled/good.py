requests.get(url, verify=True)
