"""``python -m seawall`` is the ``seawall`` command."""

from seawall.apps.cli.main import run

if __name__ == "__main__":
    run()
