git clone https://deploy:<16 A-Za-z0-9>@git.shop.example/api
curl -u deploy:<12 A-Za-z0-9> https://api.shop.example
