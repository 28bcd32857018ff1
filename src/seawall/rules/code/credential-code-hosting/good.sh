git clone https://x:${GITHUB_TOKEN}@github.com/shop/api.git
# of the right shape, but its checksum is wrong
echo ghp_0123456789abcdefghijABCDEFGHIJ000000
