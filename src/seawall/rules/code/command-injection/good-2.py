subprocess.run(['git', 'clone', url])
