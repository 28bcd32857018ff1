"""Advisory files on disk, as one stream: a file, a directory of them, or an archive (OSV's ``all.zip``, Ubuntu's
``osv-all.tar.xz``).

    with DatabaseBuild(target) as build:
        for parsed in read_advisory_files(path):
            build.add_parsed(parsed)

What a file is, its content says (`_read`); ``.gz``, ``.zst`` and ``.xz`` are unpacked on the way. One file is held at a time.
Nothing is unpacked to the disk, links are not followed, and what an archive claims about its sizes is not believed.
"""

import io
import lzma
import mmap
import os
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO, Final

from seawall.formats.advisories.debian_tracker import MAX_FILE as MAX_TRACKER
from seawall.formats.advisories.debian_tracker import read_debian_tracker
from seawall.formats.advisories.exploitation import read_exploited, read_likelihoods, score_date
from seawall.formats.advisories.osv import read_osv
from seawall.formats.advisories.secdb import read_secdb
from seawall.formats.advisories.wolfi import read_wolfi
from seawall.formats.zip_entries import Archive, ZipError
from seawall.model.advisory import Likelihood, ParsedAdvisories
from seawall.model.errors import SourceError
from seawall.model.resource import Unscanned

MAX_UNPACKED: Final = 64 * 1024**3
"""Most bytes that one archive may unpack to. All that OSV publishes is some 10 GB of JSON."""

MAX_ENTRIES: Final = 5_000_000
"""Most records of one archive; that of all that OSV publishes has some 2,200,000 (September 2026)."""

MAX_ESTIMATES: Final = 10_000_000
"""Most lines of EPSS scores that are read; there are some 300,000 CVEs."""

_LARGEST: Final = MAX_TRACKER

_LET_GO: Final = 64 * 1024 * 1024
"""Bytes that are unpacked before the pages of an archive that were read are given back, which would else count as our
memory.
"""

_SUFFIXES: Final = (".json", ".yaml", ".yml", ".csv")
_PACKED: Final = (".gz", ".zst", ".xz")
_TARS: Final = (".tar", ".tgz", ".tar.gz", ".tar.xz", ".tar.zst")
_EPSS_BATCH: Final = 10_000
_BROKEN: Final = (zlib.error, lzma.LZMAError, EOFError, tarfile.TarError)


def read_advisory_files(path: Path, *, strict: bool = False) -> Iterator[ParsedAdvisories]:
    """Yield what each file says, in the order of their names. Raises `SourceError` where there is nothing at `path`.

    With `strict`, an archive with an entry that is damaged is an error as a whole: what was downloaded can be downloaded again.
    """
    if path.is_dir():
        yield from _directory(path, strict)
    else:
        yield from _file(path, path.name, strict)


def _directory(root: Path, strict: bool) -> Iterator[ParsedAdvisories]:
    for folder, folders, names in os.walk(root, onerror=_refuse):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(folder, name)
            if _wanted(name) and not path.is_symlink():
                yield from _file(path, path.relative_to(root).as_posix(), strict)


def _wanted(name: str) -> bool:
    if name.startswith("."):
        return False
    # Debian publishes its tracker's data as a file that is called `json`.
    return _plain(name).endswith((*_SUFFIXES, ".zip")) or name.endswith(_TARS) or name == "json"


def _refuse(error: OSError) -> None:
    raise SourceError(f"cannot be read: {error.strerror}", place=str(error.filename))


def _file(path: Path, name: str, strict: bool) -> Iterator[ParsedAdvisories]:
    try:
        if name.endswith(".zip"):
            yield from _zip(path, strict)
        elif name.endswith(_TARS):
            yield from _tar(path, name)
        else:
            with path.open("rb") as packed, _unpacked(packed, name) as stream:
                yield from _read(name, stream)
    except OSError as error:
        raise SourceError(f"cannot be read: {error.strerror or error}", place=str(path)) from error
    except _BROKEN as error:
        raise SourceError(f"cannot be unpacked: {error}", place=str(path)) from error


def _zip(path: Path, strict: bool) -> Iterator[ParsedAdvisories]:
    unpacked = let_go = 0
    with path.open("rb") as file:
        if not os.fstat(file.fileno()).st_size:
            raise SourceError("no archive that can be read: the file is empty", place=str(path))
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            try:
                archive = Archive(mapped, max_entries=MAX_ENTRIES)
                for entry in archive.entries():
                    if not entry.name.endswith(_SUFFIXES):
                        continue
                    try:
                        data = archive.read(entry, min(_LARGEST, MAX_UNPACKED - unpacked), verify=True)
                    except ZipError as error:
                        # An entry that is damaged, encrypted or packed in a way that is not known.
                        if strict:
                            raise
                        yield ParsedAdvisories((), (Unscanned(entry.name, f"the archive {error}"),))
                        continue
                    unpacked += len(data)
                    if unpacked - let_go > _LET_GO:
                        mapped.madvise(mmap.MADV_DONTNEED)
                        let_go = unpacked
                    yield from _parsed(entry.name, data)
            except ZipError as error:
                raise SourceError(f"the archive {error}", place=str(path)) from error


def _tar(path: Path, name: str) -> Iterator[ParsedAdvisories]:
    unpacked = 0
    with (
        path.open("rb") as packed,
        _unpacked(packed, name) as stream,
        tarfile.open(fileobj=stream, mode="r|") as archive,  # read in one go, never sought
    ):
        for entry in archive:
            hidden = any(part.startswith(".") for part in entry.name.removeprefix("./").split("/"))
            if hidden or not (entry.isfile() and entry.name.endswith(_SUFFIXES)):
                continue
            unpacked += entry.size
            if unpacked > MAX_UNPACKED:
                raise SourceError(f"unpacks to more than {MAX_UNPACKED} bytes", place=str(path))
            if (content := archive.extractfile(entry)) is not None:
                yield from _read(entry.name, content)


def _plain(name: str) -> str:
    """Return the name without the ending of its compression."""
    return next((name.removesuffix(ending) for ending in _PACKED if name.endswith(ending)), name)


@contextmanager
def _unpacked(packed: IO[bytes], name: str) -> Iterator[IO[bytes]]:
    """Open what is compressed. Each module is imported where such a file is met."""
    if name.endswith((".gz", ".tgz")):
        import gzip

        with gzip.GzipFile(fileobj=packed) as stream:
            yield stream  # type: ignore[misc]  # a GzipFile is read as a stream is
    elif name.endswith(".zst"):
        import zstandard

        with zstandard.ZstdDecompressor(max_window_size=1 << 27).stream_reader(packed) as reader:
            try:
                yield reader
            except zstandard.ZstdError as error:
                raise SourceError(f"cannot be unpacked: {error}", place=name) from error
    elif name.endswith(".xz"):
        from seawall.sources.xz_streams import XzStream

        with io.BufferedReader(XzStream(packed)) as unpacked:
            yield unpacked
    else:
        yield packed


def _read(name: str, stream: IO[bytes]) -> Iterator[ParsedAdvisories]:
    """Read one file by the parser of its kind, which its first bytes and the words that only it has tell; else as OSV's."""
    plain = _plain(name)
    if plain.endswith(".csv"):
        yield from _likelihoods(name, stream)
        return
    yield from _parsed(name, stream.read(_LARGEST + 1))


def _parsed(name: str, data: bytes) -> Iterator[ParsedAdvisories]:
    plain = _plain(name)
    if b'"schema_version"' in data[:400]:  # most are, and need no more looking
        yield read_osv(plain, data)
    elif plain.endswith(".csv"):
        yield from _likelihoods(name, io.BytesIO(data))
    elif plain.endswith(".advisories.yaml"):
        yield read_wolfi(name, data)
    elif b"\ndistroversion:" in b"\n" + data[:400] or b'"secfixes"' in data or b'"distroversion"' in data[:400]:
        yield read_secdb(name, data)
    elif b'"catalogVersion"' in data[:2000] or b'"cveID"' in data[:4000]:
        exploited, unscanned = read_exploited(name, data)
        yield ParsedAdvisories((), unscanned, exploited, source="kev")
    elif b'"releases"' in data and b'"repositories"' in data:
        yield read_debian_tracker(name, data)
    else:
        yield read_osv(plain, data)


def _likelihoods(name: str, stream: IO[bytes]) -> Iterator[ParsedAdvisories]:
    lines = io.TextIOWrapper(stream, encoding="utf-8", errors="replace")
    try:
        date = score_date(lines.readline(1000))
        # A line has some 40 characters; one without an end must not be held.
        bounded = islice(iter(lambda: lines.readline(1000), ""), MAX_ESTIMATES)
        found = read_likelihoods(name, bounded)
        while batch := list(islice(found, _EPSS_BATCH)):
            yield ParsedAdvisories(
                (),
                tuple(entry for entry in batch if isinstance(entry, Unscanned)),
                (),
                tuple(entry for entry in batch if isinstance(entry, Likelihood)),
                source="epss",
                date=date,
            )
    finally:
        lines.detach()  # the stream is its opener's to close
