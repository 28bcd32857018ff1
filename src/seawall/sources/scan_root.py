"""The directory that a scan is about: what its configuration, its paths and its fingerprints are relative to.

It is the repository (the nearest directory upwards that holds ``.git``) of the first target on disk. Outside of a
repository it is the current directory where that holds the target, and the target's own directory where it does not.
"""

import os
from collections.abc import Sequence
from functools import cached_property, lru_cache

from seawall.model.errors import UsageError

CONFIGURATION_NAME = "seawall.yaml"
MAX_CONFIGURATION_BYTES = 1024 * 1024
"""A configuration is written by people; a thousand suppressions have some 200 kB."""


class ScanRoot:
    """The root of one scan. `directory` is real and absolute; where it is not given, the targets find it."""

    def __init__(self, targets: Sequence[str], directory: str | None = None) -> None:
        self._named = [target for target in targets if is_on_disk(target)]
        self.directory = directory or root_of(os.path.realpath(self._named[0]) if self._named else os.getcwd())

    @cached_property
    def _targets(self) -> list[str]:
        """The real paths of the targets: asked for where there is a baseline or a suppression."""
        return [os.path.realpath(target) for target in self._named]

    def path(self, shown: str) -> str:
        """Return the path below the root of a file that a report calls `shown`; what is not below it keeps its name."""
        return relative_to(self.directory, shown)

    def exists(self, path: str) -> bool:
        """Tell whether there is a file at `path` below the root."""
        return "\0" not in path and os.path.lexists(os.path.join(self.directory, path))

    def is_scanned(self, path: str) -> bool:
        """Tell whether one of the targets is the file at `path` below the root, or holds it; a cluster holds what it has."""
        file = os.path.join(self.directory, path)
        return not self._targets or any(file == target or file.startswith(target + os.sep) for target in self._targets)

    def is_covered(self, directory: str | None = None) -> bool:
        """Tell whether one of the targets is `directory` (by default the root) or holds it."""
        wanted = os.path.join(os.path.realpath(directory or self.directory), "")
        return any(
            os.path.isdir(target) and wanted.startswith(os.path.join(os.path.realpath(target), ""))
            for target in self._targets
        )


def is_on_disk(target: str) -> bool:
    """Tell whether `target` is a path, and not standard input or a cluster."""
    return target not in ("-", "cluster")


def root_of(path: str) -> str:
    """Return the root for a file or directory at the real `path`."""
    start = path if os.path.isdir(path) else os.path.dirname(path)
    repository = find_repository(start)
    if repository is not None:
        return repository
    here = os.path.realpath(os.getcwd())
    return here if os.path.join(start, "").startswith(os.path.join(here, "")) else start


def find_repository(directory: str) -> str | None:
    """Return the nearest directory from `directory` upwards that holds ``.git``, or None."""
    while not os.path.exists(os.path.join(directory, ".git")):
        parent = os.path.dirname(directory)
        if parent == directory:
            return None
        directory = parent
    return directory


def relative_to(directory: str, shown: str) -> str:
    """Return the path of the file `shown` below the real `directory`, or `shown` where it is not below it."""
    if not shown or shown == "-" or "\0" in shown:
        return shown
    parent, name = os.path.split(shown)
    relative = _relative_directory(directory, os.path.join(os.getcwd(), parent))
    if relative is None:
        return shown
    return f"{relative}/{name}" if relative != "." else name


@lru_cache(maxsize=4096)
def _relative_directory(directory: str, parent: str) -> str | None:
    relative = os.path.relpath(os.path.realpath(parent), directory).replace(os.sep, "/")
    return None if relative == ".." or relative.startswith("../") else relative


def find_configuration(targets: Sequence[str]) -> str | None:
    """Return the path of the nearest ``seawall.yaml`` in the directory of the targets or above it, up to the scan's root.

    Standard input and clusters look from the current directory. Raises `UsageError` where two targets have two of them.
    """
    found: dict[str, str] = {}
    asked: set[str] = set()  # many files of one directory may be named, and of directories that stand in one
    for target in targets or (".",):
        directory = target if is_on_disk(target) else "."
        if not os.path.isdir(directory):
            directory = os.path.dirname(directory) or "."
        if directory in asked:
            continue
        asked.add(directory)
        root = root_of(os.path.realpath(directory))
        path = _search(directory, root, asked)
        if path is not None:
            found.setdefault(os.path.realpath(path), path)
    if len(found) > 1:
        raise UsageError(
            f"the targets have different configurations: {' and '.join(sorted(found.values()))}",
            remedy="name one with --config, or run a scan each",
        )
    return next(iter(found.values()), None)


def _search(directory: str, root: str, asked: set[str]) -> str | None:
    """Return the nearest configuration; `asked` gets the real directories from which on upwards there is none below a root."""
    seen = []
    while True:
        path = os.path.normpath(os.path.join(directory, CONFIGURATION_NAME))
        if os.path.isfile(path):
            return path
        real = os.path.realpath(directory)
        seen.append(f"{root}\0{real}")
        if real in (root, os.sep) or seen[-1] in asked:
            asked.update(seen)
            return None
        directory = os.path.join(directory, os.pardir)


def read_configuration(path: str) -> bytes:
    """Return the bytes of a configuration. Raises `UsageError` where it cannot be read."""
    try:
        with open(path, "rb") as stream:
            data = stream.read(MAX_CONFIGURATION_BYTES + 1)
    except OSError as error:
        why = (error.strerror or type(error).__name__).lower()
        raise UsageError(f"the configuration {path} cannot be read: {why}", remedy="name a file that exists") from None
    if len(data) > MAX_CONFIGURATION_BYTES:
        raise UsageError(f"the configuration {path} is larger than {MAX_CONFIGURATION_BYTES >> 20} MiB")
    return data
