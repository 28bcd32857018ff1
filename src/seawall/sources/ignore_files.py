"""The ignore files that hold for a directory walk, read as the walk goes down."""

import os

from seawall.formats.ignore_patterns import IgnorePattern, decide, parse_ignore_file

IGNORE_FILES = (".gitignore", ".seawallignore")
"""In the order in which the later decides."""

MAX_IGNORE_BYTES = 1024 * 1024
"""An ignore file above this size is no ignore file; the largest in public repositories have some 20 kB."""


class IgnoreRules:
    """The rules for a walk below `root` (a real path). Rules from above count, up to the repository's own directory.

    The root itself is never ignored: the user asked for it.
    """

    def __init__(self, root: str) -> None:
        # Each entry: the directory of the ignore file relative to the walk's root ("" for the root itself; None for a
        # directory above it, whose paths need `prefix` in front), and its patterns.
        self._above: list[tuple[str, list[IgnorePattern]]] = []
        self._below: dict[str, list[IgnorePattern]] = {}
        repository = _find_repository(root)
        if repository is None:
            return
        prefix = os.path.relpath(root, repository).replace(os.sep, "/")
        prefix = "" if prefix == "." else prefix + "/"
        self._load_above(os.path.join(repository, ".git", "info", "exclude"), prefix)
        parts = prefix.split("/")[:-1]
        for depth in range(len(parts)):
            directory = os.path.join(repository, *parts[:depth])
            rest = "/".join(parts[depth:]) + "/"
            for name in IGNORE_FILES:
                self._load_above(os.path.join(directory, name), rest)

    def _load_above(self, path: str, prefix: str) -> None:
        patterns = _load(path)
        if patterns:
            self._above.append((prefix, patterns))

    def ignored(
        self, directory: str, entries: list[tuple[str, bool]], names: frozenset[str], root: str
    ) -> frozenset[str]:
        """Return which of the `entries` (name, is a directory) of `directory` (relative to `root`) are ignored."""
        directory = directory.replace(os.sep, "/")
        own = [
            pattern for name in IGNORE_FILES if name in names for pattern in _load(os.path.join(root, directory, name))
        ]
        if own:
            self._below[directory] = own
        if not self._above and not self._below:
            return frozenset()
        rules = self._rules_for(directory)
        return frozenset(name for name, is_directory in entries if rules and _is_ignored(rules, name, is_directory))

    def _rules_for(self, directory: str) -> list[tuple[str, list[IgnorePattern]]]:
        """Return prefixes and patterns for the entries of `directory`, the deciding ones first."""
        parts = directory.split("/") if directory else []
        here = "".join(f"{part}/" for part in parts)
        rules = [(prefix + here, patterns) for prefix, patterns in self._above]
        for depth in range(len(parts) + 1):
            patterns = self._below.get("/".join(parts[:depth]))
            if patterns:
                rules.append(("".join(f"{part}/" for part in parts[depth:]), patterns))
        rules.reverse()
        return rules


def _is_ignored(rules: list[tuple[str, list[IgnorePattern]]], name: str, is_directory: bool) -> bool:
    for prefix, patterns in rules:
        decision = decide(patterns, prefix + name, is_directory=is_directory)
        if decision is not None:
            return decision
    return False


def _find_repository(directory: str) -> str | None:
    """Return the nearest directory from `directory` upwards that holds ``.git``."""
    while True:
        if os.path.exists(os.path.join(directory, ".git")):
            return directory
        parent = os.path.dirname(directory)
        if parent == directory:
            return None
        directory = parent


def _load(path: str) -> list[IgnorePattern]:
    try:
        with open(path, "rb") as stream:
            data = stream.read(MAX_IGNORE_BYTES)
    except OSError:
        return []
    return parse_ignore_file(os.fsdecode(data))
