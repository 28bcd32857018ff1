API_KEY = "<32 A-Za-z0-9>"
