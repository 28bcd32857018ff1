"""Every entry of an image layer, in a form in which a million of them take some megabytes and no objects.

writer = FileTableWriter()
writer.add(b"f" + b"usr/bin/env", 48144)
for kind, path, target, size in writer.finish().entries(): ...
"""

import re
import zlib
from array import array
from collections.abc import Iterator

import msgspec
from isal import isal_zlib

FILE, FOLDER, SYMLINK, HARD_LINK, OTHER = b"f", b"d", b"l", b"h", b"o"
LONGEST_MATCH = 8192
_FLUSH_AT = 8192
_INFLATE = 1024 * 1024


class FileTable(msgspec.Struct, frozen=True):
    """`count` entries in the order of the archive.

    `paths`, inflated by zlib: kind (one of the letters above) and path of each, ended by a zero byte; behind that of a
    symbolic link stands its target, ended by another. `sizes`, inflated: eight bytes each, least first.
    """

    count: int = 0
    paths: bytes = b""
    sizes: bytes = b""

    def entries(self) -> Iterator[tuple[bytes, bytes, bytes, int]]:
        """Yield kind, path, target of a symbolic link or nothing, and size."""
        sizes = _sizes(self.sizes)
        pieces = _pieces(self.paths)
        for piece in pieces:
            kind = piece[:1]
            yield kind, piece[1:], next(pieces, b"") if kind == SYMLINK else b"", next(sizes, 0)

    def mentions(self, *patterns: re.Pattern[bytes]) -> bool:
        """Tell whether one of `patterns` is found in the entries as they stand in `paths`, each between zero bytes.

        It is much faster than to go through them. A match may be up to `LONGEST_MATCH` bytes long.
        """
        before = b"\0"
        for chunk in _inflated(self.paths):
            text = before + chunk
            if any(pattern.search(text) for pattern in patterns):
                return True
            before = text[-LONGEST_MATCH:]
        return False


class FileTableWriter:
    """Builds a `FileTable`; holds some thousand entries at a time."""

    def __init__(self) -> None:
        self._count = 0
        self._paths: list[bytes] = []
        self._sizes = array("Q")
        self._packed: tuple[list[bytes], list[bytes]] = [], []
        self._packers = isal_zlib.compressobj(1), isal_zlib.compressobj(1)  # in a fifth of zlib's time

    def add(self, entry: bytes, size: int) -> None:
        """Add an entry: kind and path; of a symbolic link a zero byte and the target too."""
        paths = self._paths
        paths.append(entry)
        self._sizes.append(size)
        if len(paths) == _FLUSH_AT:
            self._flush()

    def _flush(self) -> None:
        if not self._paths:
            return
        self._count += len(self._paths)
        self._packed[0].append(self._packers[0].compress(b"\0".join(self._paths) + b"\0"))
        self._packed[1].append(self._packers[1].compress(self._sizes.tobytes()))
        self._paths.clear()
        self._sizes = array("Q")

    def finish(self) -> FileTable:
        """Return the table; nothing may be added any more."""
        self._flush()
        paths, sizes = (
            b"".join((*packed, packer.flush())) for packed, packer in zip(self._packed, self._packers, strict=True)
        )
        return FileTable(self._count, paths, sizes)


def _inflated(packed: bytes) -> Iterator[bytes]:
    if not packed:
        return
    inflater = zlib.decompressobj()
    rest = packed
    while chunk := inflater.decompress(rest, _INFLATE):
        yield chunk
        rest = inflater.unconsumed_tail


def _pieces(packed: bytes) -> Iterator[bytes]:
    rest = b""
    for chunk in _inflated(packed):
        *pieces, rest = (rest + chunk).split(b"\0")
        yield from pieces


def _sizes(packed: bytes) -> Iterator[int]:
    for chunk in _inflated(packed):  # pieces of eight bytes each, as the chunk's size is
        yield from array("Q", chunk)
