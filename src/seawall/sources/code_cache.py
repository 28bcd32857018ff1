"""A cache file of compiled rules in the user's cache directory.

What it holds becomes code, so it is trusted exactly as Python's own ``__pycache__`` is: it is read only from a directory and
a file that belong to this user (or root) and that nobody else may write to, and it is replaced atomically. When any of
that does not hold there is no cache, and rules are compiled anew: slower, never different.
"""

import os
import stat
import sys
from typing import TYPE_CHECKING

from seawall.model.digests import blake2b

if TYPE_CHECKING:
    from pathlib import Path

MAX_CACHE_BYTES = 64 * 1024 * 1024
"""Far above the size of all rules compiled (about 1 MB); a larger file is not ours."""


MAX_UNUSED_SECONDS = 30 * 86400
"""Of a file under another key, which nobody has written since: a new version has new keys, and the cache stays bounded."""


def directory() -> "Path":
    """Return the cache directory: ``$SEAWALL_CACHE_DIR``, else ``$XDG_CACHE_HOME/seawall``, else ``~/.cache/seawall``."""
    from pathlib import Path  # what keeps files of its own there wants it; a scan's start does without

    return Path(_directory())


def _directory() -> str:
    chosen = os.environ.get("SEAWALL_CACHE_DIR")
    if chosen:
        return chosen
    base = os.environ.get("XDG_CACHE_HOME")
    if base:
        return os.path.join(base, "seawall")
    home = os.path.expanduser("~")
    # Somebody without a home has no cache; a directory called ``~`` in what is scanned is none.
    return os.path.join(os.devnull if home.startswith("~") else home, ".cache", "seawall")


def path_for(name: str, key: str) -> str:
    """Return the file for `name` under `key`; the interpreter's version is part of it, since code depends on it."""
    digest = blake2b(f"{sys.implementation.cache_tag}\0{sys.version}\0{key}".encode(), digest_size=16).hexdigest()
    return os.path.join(_directory(), f"{name}-{digest}.bin")


def read(path: str) -> bytes | None:
    """Return the cached bytes, or None where there are none that can be trusted."""
    try:
        if not _is_ours(os.lstat(os.path.dirname(path) or "."), stat.S_ISDIR):
            return None
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return None
    with open(descriptor, "rb") as file:
        status = os.fstat(file.fileno())
        if not _is_ours(status, stat.S_ISREG) or status.st_size > MAX_CACHE_BYTES:
            return None
        return file.read(MAX_CACHE_BYTES)


def _is_ours(status: os.stat_result, is_kind: object) -> bool:
    others_may_write = status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    return bool(is_kind(status.st_mode)) and status.st_uid in (os.geteuid(), 0) and not others_may_write  # type: ignore[operator]


def write(path: str, data: bytes, *, most: int | None = None) -> None:
    """Store `data`, replacing what was there in one step. A directory that cannot be written means no cache, not an error.

    Of the files of the same name under other keys, those that nobody has written for a month go, and all but the `most` newest.
    """
    import tempfile  # only where something new is kept
    from pathlib import Path

    folder, name = os.path.split(path)
    try:
        Path(folder).mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=folder, prefix=f".{name}.")
        try:
            with open(descriptor, "wb") as file:
                file.write(data)
            os.replace(temporary, path)
        except BaseException:
            os.unlink(temporary)
            raise
    except OSError:
        return
    _forget_others(folder, name, most)


def _forget_others(folder: str, name: str, most: int | None) -> None:
    prefix = name.rpartition("-")[0] + "-"
    try:
        newest = os.stat(os.path.join(folder, name)).st_mtime
        others = sorted(
            (newest - entry.stat().st_mtime, entry.path)
            for entry in os.scandir(folder)
            if entry.name.startswith(prefix) and entry.name != name
        )
        for position, (age, path) in enumerate(others, 2):
            if age > MAX_UNUSED_SECONDS or (most is not None and position > most):
                os.unlink(path)
    except OSError:
        return  # another scan forgets at the same time
