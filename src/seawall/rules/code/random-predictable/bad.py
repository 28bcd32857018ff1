token = ''.join(random.choice(letters) for _ in range(32))
