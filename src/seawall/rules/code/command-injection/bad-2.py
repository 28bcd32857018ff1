subprocess.run(f'git clone {url}', shell=True)
