git clone https://x:<github ghp_>@github.com/shop/api.git
