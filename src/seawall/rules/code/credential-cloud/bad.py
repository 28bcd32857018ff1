import boto3

client = boto3.client(
    "s3",
    aws_access_key_id="AKIA<16 A-Z2-7>",
    aws_secret_access_key="<40 A-Za-z0-9/+>",
)
