yaml.safe_load(text)
