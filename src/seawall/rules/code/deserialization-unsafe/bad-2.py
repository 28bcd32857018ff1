yaml.load(text)
