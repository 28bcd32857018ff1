"""The lock files of a repository: the files in it that say which packages somebody asked for.

The walk is that of manifests (`seawall.sources.files`): ignore files hold, ``node_modules`` and ``.git`` are left out, no link
is followed out, and what should have been read and could not be is an `Unscanned`. What is installed below a repository (a
``.venv``, jars of a build) is not read: the lock file says it, and ``rootfs:PATH`` reads what is installed.
"""

import os
from collections.abc import Iterator

from seawall.formats.package_files import Kind, completed_by, kind_of, kinds, read
from seawall.model.package import ParsedPackages
from seawall.model.resource import Unscanned
from seawall.sources.files import SourceFile, load_whole, walk

MAX_LOCK_FILE = 32 * 1024 * 1024
"""Largest lock file that is read: three times the largest that are known. The parsers refuse more, too."""

BESIDE = frozenset(kind.beside for kind in kinds() if kind.beside)
"""The names of files that are read only with the lock file beside them."""


def lock_kind(path: str) -> Kind | None:
    """Return the kind of the lock file at `path`, or None where its name is not that of one."""
    kind = kind_of(path)
    return kind if kind is not None and not kind.installed else None


def read_lock_files(directory: str, *, respect_ignores: bool = True) -> Iterator[ParsedPackages]:
    """Yield what every lock file below `directory` says, in the order of the walk."""
    for found in walk(directory, respect_ignores=respect_ignores, wanted=_is_lock_file):
        if isinstance(found, Unscanned):
            yield ParsedPackages((), (found,))
            continue
        kind = lock_kind(found.file)
        file = load_whole(found.file, found.path, most=MAX_LOCK_FILE)
        if isinstance(file, Unscanned):
            yield ParsedPackages((), (file,))
        elif kind is not None:
            yield parse_lock_file(kind, found.file, file)


def parse_lock_file(kind: Kind, path: str, file: SourceFile) -> ParsedPackages:
    """Return what `file`, which lies at `path`, says together with the one beside it where it needs that."""
    name = completed_by(kind, file.data)
    beside = os.path.join(os.path.dirname(path), name)
    if not name or not os.path.lexists(beside):
        return read(kind, file.path, file.data)
    shown = f"{file.path.removesuffix(os.path.basename(path))}{name}"
    if os.path.islink(beside):
        other: SourceFile | Unscanned = Unscanned(
            shown, "is a link, which may lead anywhere: put the file in its place"
        )
    else:
        other = load_whole(beside, shown, most=MAX_LOCK_FILE)
    if isinstance(other, SourceFile):
        return read(kind, file.path, file.data, other.data)
    parsed = read(kind, file.path, file.data)
    # Where only what is direct stands in it, all packages are known without it.
    return ParsedPackages(parsed.packages, (*parsed.unscanned, other)) if parsed.unscanned else parsed


def _is_lock_file(directory: str, name: str) -> bool:
    return lock_kind(f"{directory}/{name}") is not None
