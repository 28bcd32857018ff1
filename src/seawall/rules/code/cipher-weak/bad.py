from Crypto.Cipher import DES
DES.new(key, DES.MODE_CBC)
