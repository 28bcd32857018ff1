"""What image layouts and archives lie in: a directory, or a tar archive of which members are read where they stand.

Both are asked for files by their path. Nothing is unpacked: a compressed archive is inflated once into a nameless file.
"""

import os
import posixpath
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Protocol

import msgspec

from seawall.formats import tar_members
from seawall.formats.compression import CompressionError, Limits, compression_of, decompressed
from seawall.formats.layer_files import clean, decode
from seawall.formats.oci import MAX_DOCUMENT
from seawall.formats.tar_extensions import TarError
from seawall.formats.tar_members import TarReader
from seawall.model.errors import SourceError
from seawall.sources.files import show
from seawall.sources.images.spool import file_chunks, fill, open_nameless

MAX_MEMBERS = 50_000
"""Most members of an archive of images; one of a thousand layers has some thousand."""

_MAX_LINKS = 8
_HEADERS = 16 * 1024


class Container(Protocol):
    """Files by path, ``/`` between folders."""

    def size(self, path: str) -> int | None:
        """Return the size of a file, or None where there is none."""
        ...

    def chunks(self, path: str) -> Iterator[bytes]:
        """Yield the bytes of a file. Raises `SourceError`."""
        ...

    def close(self) -> None: ...


def read_document(container: Container, path: str) -> bytes:
    """Return a small file. Raises `SourceError` where it is missing or larger than a document of an image may be."""
    size = container.size(path)
    if size is None:
        raise SourceError(f"has no {path}")
    if size > MAX_DOCUMENT:
        raise SourceError(f"has a {path} of more than {MAX_DOCUMENT // 1024 // 1024} MB")
    return b"".join(container.chunks(path))


class Directory:
    """A directory. Its files may be links, as build tools make them: what they lead to is held against its digest."""

    def __init__(self, path: str) -> None:
        self._path = Path(path)

    def size(self, path: str) -> int | None:
        try:
            status = os.stat(self._path / path)
        except OSError:
            return None
        return status.st_size if stat.S_ISREG(status.st_mode) else None

    def chunks(self, path: str) -> Iterator[bytes]:
        try:
            # Without O_NONBLOCK a pipe would be waited for.
            descriptor = os.open(self._path / path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            raise SourceError(f"cannot read {path}: {error.strerror}") from error
        with open(descriptor, "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise SourceError(f"cannot read {path}: it is no file")
            yield from file_chunks(file, 0, status.st_size)

    def close(self) -> None:
        """Nothing is open."""


class _Place(msgspec.Struct, frozen=True):
    offset: int
    size: int
    link: str = ""


class Archive:
    """A tar archive, compressed or not. Raises `SourceError` where it is none, is damaged, or has too many members."""

    def __init__(self, path: str, limits: Limits) -> None:
        try:
            self._file: IO[bytes] = open(path, "rb")  # noqa: SIM115 - it stays open until `close`
        except OSError as error:
            raise SourceError(f"cannot be read: {error.strerror}", place=show(path)) from error
        try:
            if not stat.S_ISREG(os.fstat(self._file.fileno()).st_mode):
                raise SourceError("is no file")
            self._inflate(limits)
            self._places = self._index()
        except (CompressionError, TarError) as error:
            self.close()
            raise SourceError(str(error), place=show(path)) from error
        except SourceError as error:
            self.close()
            raise SourceError(error.message, place=show(path), remedy=error.remedy) from error

    def size(self, path: str) -> int | None:
        place = self._find(path)
        return None if place is None else place.size

    def chunks(self, path: str) -> Iterator[bytes]:
        place = self._find(path)
        if place is None:
            raise SourceError(f"has no {path}")
        yield from file_chunks(self._file, place.offset, place.size)

    def close(self) -> None:
        self._file.close()

    def _inflate(self, limits: Limits) -> None:
        if compression_of(os.pread(self._file.fileno(), 8, 0)) == "none":
            return
        packed = self._file
        self._file = open_nameless()
        with packed:
            size = os.fstat(packed.fileno()).st_size
            fill(self._file, decompressed(file_chunks(packed, 0, size), limits))

    def _index(self) -> dict[str, _Place]:
        descriptor = self._file.fileno()
        size = os.fstat(descriptor).st_size
        at = 0

        def headers() -> Iterator[bytes]:
            nonlocal at
            while chunk := os.pread(descriptor, _HEADERS, at):
                at += len(chunk)
                yield chunk

        def seek(count: int) -> bool:
            nonlocal at
            at += count
            return at <= size

        places: dict[str, _Place] = {}
        reader = TarReader(headers(), seek=seek)
        for member in reader:
            path = clean(member.path)
            if path is None or len(places) >= MAX_MEMBERS:
                raise SourceError(
                    "is no archive of images: "
                    + ("a member leads out of it" if path is None else f"it has more than {MAX_MEMBERS:,} members"),
                    remedy="scan a root file system with rootfs:FILE",
                )
            if member.kind == tar_members.FILE:
                places[decode(path)] = _Place(reader.content_offset, member.size)
            elif member.kind in (tar_members.SYMLINK, tar_members.HARD_LINK):
                folder = posixpath.dirname(decode(path)) if member.kind == tar_members.SYMLINK else ""
                link = posixpath.normpath(posixpath.join(folder, decode(member.link)))
                places[decode(path)] = _Place(0, 0, link)
        return places

    def _find(self, path: str) -> _Place | None:
        """Return the place of a file; links are followed within the archive, as old versions of ``docker save`` made them."""
        place = self._places.get(posixpath.normpath(path))
        for _ in range(_MAX_LINKS):
            if place is None or not place.link:
                return place
            place = self._places.get(place.link)
        return None
