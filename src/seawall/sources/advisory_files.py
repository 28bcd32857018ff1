"""Advisory files on disk, as one stream: a file, a directory of them, or an OSV archive (``all.zip``, a record an entry).

    with DatabaseBuild(target) as build:
        for parsed in read_advisory_files(path):
            build.add(parsed.advisories)

One file is held at a time. Nothing is unpacked to the disk, links are not followed, and what an archive claims about its
sizes is not believed.
"""

import os
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

from seawall.formats.advisories.osv import MAX_RECORD, read_osv
from seawall.formats.advisories.secdb import MAX_FILE, read_secdb
from seawall.formats.advisories.wolfi import read_wolfi
from seawall.model.advisory import ParsedAdvisories
from seawall.model.errors import SourceError
from seawall.model.resource import Unscanned

MAX_UNPACKED: Final = 64 * 1024**3
"""Most bytes that one archive may unpack to. All that OSV publishes is some 10 GB of JSON."""

_LARGEST: Final = max(MAX_RECORD, MAX_FILE)
_SUFFIXES: Final = (".json", ".yaml", ".yml")


def read_advisory_files(path: Path) -> Iterator[ParsedAdvisories]:
    """Yield what each file says, in the order of their names. Raises `SourceError` where there is nothing at `path`."""
    if path.is_dir():
        yield from _directory(path)
    elif path.suffix == ".zip":
        yield from _archive(path)
    else:
        yield _file(path, path.name)


def _directory(root: Path) -> Iterator[ParsedAdvisories]:
    for folder, folders, names in os.walk(root, onerror=_refuse):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(folder, name)
            if name.endswith(_SUFFIXES) and not name.startswith(".") and not path.is_symlink():
                yield _file(path, path.relative_to(root).as_posix())


def _refuse(error: OSError) -> None:
    raise SourceError(f"cannot be read: {error.strerror}", place=str(error.filename))


def _file(path: Path, name: str) -> ParsedAdvisories:
    try:
        with path.open("rb") as stream:
            return _read(name, stream)
    except OSError as error:
        raise SourceError(f"cannot be read: {error.strerror}", place=str(path)) from error


def _archive(path: Path) -> Iterator[ParsedAdvisories]:
    unpacked = 0
    try:
        with zipfile.ZipFile(path) as archive:
            for entry in archive.infolist():
                if not entry.filename.endswith(_SUFFIXES):
                    continue
                unpacked += entry.file_size
                if unpacked > MAX_UNPACKED:
                    raise SourceError(f"unpacks to more than {MAX_UNPACKED} bytes", place=str(path))
                try:
                    with archive.open(entry) as stream:
                        parsed = _read(entry.filename, stream)
                except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
                    # An entry that is damaged, encrypted or packed in a way that is not known.
                    parsed = ParsedAdvisories((), (Unscanned(entry.filename, f"cannot be unpacked: {error}"),))
                yield parsed
    except (OSError, zipfile.BadZipFile) as error:
        raise SourceError(f"no archive that can be read: {error}", place=str(path)) from error


def _read(name: str, stream: IO[bytes]) -> ParsedAdvisories:
    """Read one file by the parser of its kind: Wolfi's by its name, Alpine's by the word that only it has, else OSV."""
    data = stream.read(_LARGEST + 1)
    if name.endswith(".advisories.yaml"):
        return read_wolfi(name, data)
    if b"\ndistroversion:" in b"\n" + data[:200] or b'"distroversion"' in data:
        return read_secdb(name, data)
    return read_osv(name, data)
