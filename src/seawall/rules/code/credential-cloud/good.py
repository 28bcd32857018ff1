import os

import boto3

# Not keys: documentation's own, a placeholder, and what the environment holds.
EXAMPLE = "AKIAIOSFODNN7EXAMPLE"
EXAMPLE_SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
PLACEHOLDER = "AKIAXXXXXXXXXXXXXXXX"
client = boto3.client("s3", aws_access_key_id=os.environ["AWS_ACCESS_KEY_ID"], aws_secret_access_key=secret_key)
