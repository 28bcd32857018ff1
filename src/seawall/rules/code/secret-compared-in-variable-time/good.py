dataset_digest == digest  # api_key
