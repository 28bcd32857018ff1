"""Files of any kind and size, as the texts in which credentials are looked for. Bounded: a long file comes in pieces.

for piece in read_pieces(found): ...    # Piece or Unscanned; none for a binary file
"""

import os
import stat
from collections.abc import Iterator

import msgspec

from seawall.formats.credentials import texts
from seawall.model.resource import Unscanned
from seawall.sources.files import Found

PIECE = 8 << 20
"""Bytes of a long file that are looked through at once."""

OVERLAP = 32 << 10
"""Bytes of a piece that the next one begins with: longer than any shape reaches."""

_FIRST = 128 << 10
"""Read at once: nearly all files of a repository end before."""

_REMEDY = "grant the right to read it, or add it to .seawallignore"


class Piece(msgspec.Struct, frozen=True):
    """A text. `inner` is the member of an archive; `lines` are those in front of a piece of a longer file, and what begins at
    `until` or behind is told by the next piece."""

    data: bytes
    inner: str = ""
    lines: int = 0
    until: int = 1 << 62


def read_pieces(found: Found) -> Iterator[Piece | Unscanned]:
    """Yield the texts of a file of a directory; an archive's members one by one."""
    try:
        descriptor = os.open(found.file, os.O_RDONLY | os.O_CLOEXEC | os.O_NOCTTY | os.O_NONBLOCK)
    except OSError as error:
        yield Unscanned(found.path, f"cannot read the file: {(error.strerror or '').lower()}; {_REMEDY}")
        return
    try:
        yield from _read(descriptor, found)
    except OSError as error:
        yield Unscanned(found.path, f"cannot read the file: {(error.strerror or '').lower()}; {_REMEDY}")
    finally:
        os.close(descriptor)


def _read(descriptor: int, found: Found) -> Iterator[Piece | Unscanned]:
    data = os.read(descriptor, _FIRST)
    archive = texts.is_archive(found.path) and data[:4] in (b"PK\3\4", b"\x28\xb5\x2f\xfd")
    archive = archive or (texts.is_archive(found.path) and (data[:2] == b"\x1f\x8b" or found.path.endswith(".tar")))
    text = None if archive else texts.as_text(data)
    if not archive and text is None:
        return
    if len(data) < _FIRST:
        if text is not None:
            yield Piece(text)
        else:
            yield from _members(found.path, data)
        return
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        return
    if archive:
        if status.st_size > texts.MAX_ARCHIVE:
            limit = texts.MAX_ARCHIVE >> 20
            yield Unscanned(found.path, f"an archive of more than {limit} MiB is not opened: add it to .seawallignore")
            return
        yield from _members(found.path, data + _read_up_to(descriptor, texts.MAX_ARCHIVE))
    elif text is not data:
        yield Piece(texts.as_text(data + _read_up_to(descriptor, PIECE)) or b"")
        if status.st_size > PIECE + _FIRST:
            yield Unscanned(found.path, "a text in UTF-16 is read up to 8 MiB: split it, or add it to .seawallignore")
    else:
        yield from _long(descriptor, data)


def _long(descriptor: int, data: bytes) -> Iterator[Piece]:
    """Yield the pieces of a long text, of which `data` is the beginning."""
    lines = 0
    while True:
        data += _read_up_to(descriptor, PIECE - len(data))
        if len(data) < PIECE:
            yield Piece(data, lines=lines)
            return
        # What begins in the last bytes may go on in the next piece: that one tells of it.
        cut = data.rfind(b"\n", len(data) - 2 * OVERLAP, len(data) - OVERLAP) + 1 or len(data) - OVERLAP
        yield Piece(data, lines=lines, until=cut)
        lines += data.count(b"\n", 0, cut)
        data = data[cut:]


def _read_up_to(descriptor: int, count: int) -> bytes:
    parts = []
    while count > 0:
        part = os.read(descriptor, min(count, 1 << 20))
        if not part:
            break
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def _members(path: str, data: bytes) -> Iterator[Piece | Unscanned]:
    try:
        for name, content in texts.members(path, data):
            text = texts.as_text(content)
            if text is not None:
                yield Piece(text, name)
    except texts.ArchiveError as error:
        yield Unscanned(path, f"not everything in it was looked into: it {error}; add it to .seawallignore")
