import os

# local-deep-research#5005: none of these is a credential.
api_key = os.environ["API_KEY"]
api_key_name = "openai_api_key"
token = "your-token-goes-here"
token_url = "https://login.shop.example/oauth2/v2.0/token"
secret = settings.get("secret")
password = getpass.getpass("Password: ")
PASSWORD_FIELD = "password_confirmation"
SECRET_KEY = "changeme"
commit_token = "${CI_TOKEN}"
session_token_hash = "<64 hex>"
request_token_id = "<8 hex>-<4 hex>-<4 hex>-<4 hex>-<12 hex>"
next_page_token = "<32 A-Za-z0-9>"
TOKEN_TYPE = "urn:ietf:params:oauth:token-type:access_token"
