"""The ignore files that hold for a directory walk, read as the walk goes down.

As git does it: the deepest file decides, ``.git/info/exclude`` is read, and a directory that is ignored is not entered. What
matches is left out even where git tracks it (``git add -f``), because the index is not read. Not read are a user's global
excludes, so that a scan says the same on every machine; nor an ignore file that is a link (git refuses it too), no regular
file, or above `MAX_IGNORE_BYTES`: then more is scanned, not less.
"""

import os
import stat

from seawall.formats.ignore_patterns import IgnorePattern, decide, parse_ignore_file

IGNORE_FILES = (".gitignore", ".seawallignore")
"""In the order in which the later decides."""

MAX_IGNORE_BYTES = 256 * 1024
"""An ignore file above this size is no ignore file; the largest in public repositories have some 20 kB. Every pattern is tried on
every path, so this also bounds the time for a path (some 5 ms)."""

Rules = list[tuple[bytes, list[IgnorePattern]]]
"""What to put in front of a name, and the patterns to try on it; the deciding ones first."""


class IgnoreRules:
    """The rules for a walk below `root` (a real path). Rules from above count, up to the repository's own directory.

    The root itself is never ignored: the user asked for it.
    """

    def __init__(self, root: str) -> None:
        self._root = os.fsencode(root)
        self._above: Rules = []  # the prefix is the way from the ignore file's directory to the walk's root
        self._below: dict[bytes, list[IgnorePattern]] = {}  # by the directory relative to the walk's root
        found = find_repository(root)
        if found is None:
            return
        repository = os.fsencode(found)
        prefix = os.path.relpath(self._root, repository)
        parts = [] if prefix == b"." else prefix.split(b"/")
        self._load_above(os.path.join(repository, b".git", b"info", b"exclude"), parts)
        for depth in range(len(parts)):
            directory = os.path.join(repository, *parts[:depth])
            for name in IGNORE_FILES:
                self._load_above(os.path.join(directory, name.encode()), parts[depth:])

    def _load_above(self, path: bytes, way: list[bytes]) -> None:
        patterns = _load(path)
        if patterns:
            self._above.append((_below(way), patterns))

    def ignored(self, directory: str, entries: list[tuple[str, bool]], names: frozenset[str]) -> frozenset[str]:
        """Return which of the `entries` (name, is a directory) of `directory` (relative to the root) are ignored.

        Directories come in the order of a walk, each after the one that holds it.
        """
        here = os.fsencode(directory)
        own = [
            pattern
            for name in IGNORE_FILES
            if name in names
            for pattern in _load(os.path.join(self._root, here, name.encode()))
        ]
        if own:
            self._below[here] = own
        rules = self._rules_for(here)
        if not rules:
            return frozenset()
        return frozenset(name for name, is_directory in entries if _is_ignored(rules, os.fsencode(name), is_directory))

    def _rules_for(self, directory: bytes) -> Rules:
        parts = directory.split(b"/") if directory else []
        rules = [(prefix + _below(parts), patterns) for prefix, patterns in self._above]
        if self._below:
            for depth in range(len(parts) + 1):
                patterns = self._below.get(b"/".join(parts[:depth]))
                if patterns:
                    rules.append((_below(parts[depth:]), patterns))
        rules.reverse()
        return rules


def _below(parts: list[bytes]) -> bytes:
    return b"".join(part + b"/" for part in parts)


def _is_ignored(rules: Rules, name: bytes, is_directory: bool) -> bool:
    for prefix, patterns in rules:
        decision = decide(patterns, prefix + name, is_directory=is_directory)
        if decision is not None:
            return decision
    return False


def find_repository(directory: str) -> str | None:
    """Return the nearest directory from the real path `directory` upwards that holds ``.git``."""
    while True:
        if os.path.exists(os.path.join(directory, ".git")):
            return directory
        parent = os.path.dirname(directory)
        if parent == directory:
            return None
        directory = parent


def _load(path: bytes) -> list[IgnorePattern]:
    try:
        # O_NONBLOCK: a pipe of that name must not hang the scan.
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return []
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return []
        data = b""
        while len(data) <= MAX_IGNORE_BYTES and (more := os.read(descriptor, MAX_IGNORE_BYTES + 1)):
            data += more
    except OSError:
        return []
    finally:
        os.close(descriptor)
    return parse_ignore_file(data) if len(data) <= MAX_IGNORE_BYTES else []
