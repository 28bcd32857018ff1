"""The lock files of a repository: the files in it that say which packages somebody asked for.

The walk is that of manifests (`seawall.sources.files`): ignore files hold, ``node_modules`` and ``.git`` are left out, no link
is followed out, and what should have been read and could not be is an `Unscanned`. What is installed below a repository (a
``.venv``, jars of a build) is not read: the lock file says it, and ``rootfs:PATH`` reads what is installed.
"""

from collections.abc import Iterator

from seawall.formats.package_files import Kind, kind_of
from seawall.model.resource import Unscanned
from seawall.sources.files import SourceFile, load_whole, walk

MAX_LOCK_FILE = 32 * 1024 * 1024
"""Largest lock file that is read: three times the largest that are known. The parsers refuse more, too."""


def lock_kind(path: str) -> Kind | None:
    """Return the kind of the lock file at `path`, or None where its name is not that of one."""
    kind = kind_of(path)
    return kind if kind is not None and not kind.installed else None


def read_lock_files(directory: str, *, respect_ignores: bool = True) -> Iterator[tuple[Kind, SourceFile] | Unscanned]:
    """Yield every lock file below `directory` with its kind, in the order of the walk."""
    for found in walk(directory, respect_ignores=respect_ignores, wanted=_is_lock_file):
        if isinstance(found, Unscanned):
            yield found
            continue
        kind = lock_kind(found.file)
        outcome = load_whole(found.file, found.path, most=MAX_LOCK_FILE)
        if isinstance(outcome, Unscanned):
            yield outcome
        elif kind is not None:
            yield kind, outcome


def _is_lock_file(directory: str, name: str) -> bool:
    return lock_kind(f"{directory}/{name}") is not None
