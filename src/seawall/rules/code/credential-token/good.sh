git clone https://$USER:$TOKEN@git.shop.example/api
git clone https://user:password@git.shop.example/api
curl -u "$USER:$PASSWORD" https://api.shop.example
