"""Where the advisory database lies: ``$SEAWALL_DATABASE``, else ``advisories.db`` in the user's data directory.

The data directory is ``$XDG_DATA_HOME/seawall``, else ``~/.local/share/seawall``: it is data that a scan depends on, and
cleaning caches must not make scans fail.
"""

import os
from pathlib import Path


def database_path() -> Path:
    """Return the path of the database; there need not be one."""
    chosen = os.environ.get("SEAWALL_DATABASE")
    if chosen:
        return Path(chosen)
    base = os.environ.get("XDG_DATA_HOME")
    return (Path(base) if base else Path.home() / ".local" / "share") / "seawall" / "advisories.db"
