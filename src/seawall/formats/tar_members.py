r"""The members of a tar archive that comes as a stream of chunks: headers are parsed, contents are skipped unless asked for.

    reader = TarReader(chunks)
    for member in reader:
        if member.path.endswith(b"status"):
            data = reader.read(limit)

Read are ustar (POSIX.1-1988), PAX with global headers (POSIX.1-2001), GNU long names, base-256 numbers and sparse files (old GNU,
PAX 0.0, 0.1, 1.0). `TarError` says what is wrong at which byte of the archive. As in Go's and Python's readers a zero block ends
the archive, links and folders have no content whatever their size says, and unknown kinds are ordinary files.

A reader of our own, because the library's makes an object of every member with all its fields: an image has 40,000 members of
which 1,000 are wanted.
"""

import struct
from collections.abc import Callable, Iterable, Iterator
from zlib import adler32

import msgspec

from seawall.formats.tar_extensions import (
    MAX_EXTENSION,
    Extensions,
    TarError,
    number,
    parse_records,
    sparse_entries,
    sparse_map_of_records,
)

BLOCK = 512
_ZERO = bytes(BLOCK)
_FIELDS = struct.Struct("100x24s12s12x8sc100x8s").unpack_from
"""Mode and owners, size, checksum, kind, magic. Names are sliced at their zero byte; few members have a link or a prefix."""
_LINK, _PREFIX = 157, 345
_ADLER_BASE = 65521
_MAX_KNOWN = 8192
"""Most checksums whose meaning is remembered. Those of real archives lie between 4,000 and 12,000."""

FILE, HARD_LINK, SYMLINK, CHARACTER_DEVICE, BLOCK_DEVICE, DIRECTORY, FIFO = b"0", b"1", b"2", b"3", b"4", b"5", b"6"
_HEADER_ONLY = frozenset((HARD_LINK, SYMLINK, CHARACTER_DEVICE, BLOCK_DEVICE, DIRECTORY, FIFO))
_EXTENSIONS = frozenset((b"x", b"X", b"g", b"L", b"K"))
_CAPABILITY = "SCHILY.xattr.security.capability"


class Member(msgspec.Struct, gc=False):
    """One member: `path` as written, `kind` one of the constants above, `size` of its content (holes of sparse files included).

    `link` is the target of a link, `capability` the value of the attribute ``security.capability``, empty where there is none.
    `offset` is where its own header begins.
    """

    path: bytes
    kind: bytes
    mode: int
    uid: int
    gid: int
    size: int
    link: bytes
    capability: bytes
    offset: int


class TarReader:
    """An iterator over the members of the archive whose bytes are `chunks`; the whole of it is read to the end."""

    def __init__(self, chunks: Iterable[bytes], *, seek: Callable[[int], bool] | None = None) -> None:
        """`seek` passes over so many bytes of what `chunks` comes from, where that can be done; False: it ends before."""
        self._chunks = iter(chunks)
        self._seek = seek
        self._buffer = b""
        self._at = 0  # in the buffer
        self._base = 0  # offset of the buffer in the archive
        self._left = 0  # bytes of the member's content that were not read yet
        self._padding = 0  # bytes behind them
        self._sparse: list[tuple[int, int]] | None = None
        self._size = 0

    @property
    def position(self) -> int:
        """How many bytes of the archive were read: its size, when the iteration is over."""
        return self._base + self._at

    @property
    def content_offset(self) -> int:
        """Where the content of the member begins, for those who can seek; not for a sparse file."""
        return self._base + self._at

    def __iter__(self) -> Iterator[Member]:
        shared: dict[str, bytes] = {}
        owners: dict[bytes, tuple[int, int, int]] = {}
        checksums: dict[bytes, int] = {}
        extensions: Extensions | None = None
        while True:
            skip = self._left + self._padding
            if skip:
                at = self._at + skip
                if at <= len(self._buffer):
                    self._at = at
                else:
                    self._skip(skip)
                self._left = self._padding = 0
            at = self._at
            if len(self._buffer) - at < BLOCK:
                if not self._fill(BLOCK):
                    if len(self._buffer) > self._at:
                        raise TarError("the archive is cut off inside a header", self.position)
                    if extensions is not None:
                        raise TarError("the archive is cut off behind an extended header", self.position)
                    return
                at = self._at
            header = self._buffer[at : at + BLOCK]
            offset = self._base + at
            if not header[0] and header == _ZERO:
                self._drain()
                return
            owner, size_text, checksum, kind, magic = _FIELDS(header)
            if checksums.get(checksum) != adler32(header) & 0xFFFF:
                self._check(header, checksum, offset, checksums)
            self._at = at + BLOCK
            digits = size_text[:11]
            try:
                size = int(digits, 8) if digits.isdigit() and size_text[11] in b"\0 " else number(size_text, offset)
            except ValueError:
                raise TarError(f"{size_text!r} stands where a size should", offset) from None
            if kind in _EXTENSIONS:
                extensions = self._extend(extensions, kind, size, shared, offset)
                continue
            ids = owners.get(owner)
            if ids is None:
                ids = number(owner[:8], offset), number(owner[8:16], offset), number(owner[16:], offset)
                if len(owners) < 1024:
                    owners[owner] = ids
            mode, uid, gid = ids
            end = header.find(b"\0", 0, 100)
            path = header[:end] if end >= 0 else header[:100]
            if header[_PREFIX] and magic.startswith(b"ustar\0"):
                path = header[_PREFIX:500].partition(b"\0")[0] + b"/" + path
            link = header[_LINK:257].partition(b"\0")[0] if header[_LINK] else b""
            capability = b""
            self._sparse = None
            records = shared
            if extensions is not None or shared:
                records = {**shared, **extensions.records} if extensions is not None else shared
                path = records.get("path") or path
                link = records.get("linkpath") or link
                if extensions is not None:
                    path, link = extensions.long_name or path, extensions.long_link or link
                if "size" in records:
                    size = _decimal(records["size"], offset)
                uid = _decimal(records["uid"], offset) if "uid" in records else uid
                gid = _decimal(records["gid"], offset) if "gid" in records else gid
                capability = records.get(_CAPABILITY, b"")
            if kind == b"\0" or kind == b"7":  # before POSIX, a folder was an empty file whose name ends in a slash
                kind = DIRECTORY if not size and path.endswith(b"/") else FILE
            if kind in _HEADER_ONLY:
                self._size = size = 0
            else:
                self._left = size
                self._padding = -size % BLOCK
                if kind == b"S":
                    size = self._old_sparse(header, offset)
                    kind = FILE
                elif extensions is not None and any(key.startswith("GNU.sparse.") for key in records):
                    path, size = self._pax_sparse(records, extensions.sparse, path, size, offset)
                elif kind == b"M":
                    raise TarError("the archive is a part of one of several volumes, which is not read", offset)
                elif kind == b"V":
                    extensions = None
                    continue  # the label of a volume
                self._size = size
            extensions = None
            yield Member(path, kind, mode, uid, gid, size, link, capability, offset)

    def peek(self, count: int) -> bytes:
        """Return the first bytes of the content, up to `count` of them, before any of it was read."""
        at = self._at
        if count <= self._left and self._sparse is None and at + count <= len(self._buffer):
            return self._buffer[at : at + count]
        count = min(count, self._left)
        if self._sparse is not None:
            if not self._sparse or self._sparse[0][0] != 0:
                return b""
            count = min(count, self._sparse[0][1])
        at = self._at
        if len(self._buffer) - at < count:
            if not self._fill(count):
                raise TarError("the archive is cut off inside a file", self.position)
            at = self._at
        return self._buffer[at : at + count]

    def read(self, limit: int) -> bytes:
        """Return the content of the member, of which there must be at most `limit` bytes (`Member.size` tells)."""
        if self._size > limit:
            raise RuntimeError(f"{self._size} bytes were asked for, at most {limit} may be")
        if self._sparse is None and len(self._buffer) - self._at >= self._left:
            content = self._buffer[self._at : self._at + self._left]
            self._at += self._left
            self._left = 0
            return content
        return b"".join(self.pieces())

    def pieces(self) -> Iterator[bytes]:
        """Yield the content of the member in order, in pieces of any size."""
        if self._sparse is None:
            yield from self._stored(self._left)
            return
        at = 0
        for offset, length in self._sparse:
            yield from _zeros(offset - at)
            yield from self._stored(length)
            at = offset + length
        yield from _zeros(self._size - at)

    def _stored(self, count: int) -> Iterator[bytes]:
        while count:
            if self._at == len(self._buffer) and not self._next():
                raise TarError("the archive is cut off inside a file", self.position)
            piece = self._buffer[self._at : self._at + count]
            self._at += len(piece)
            self._left -= len(piece)
            count -= len(piece)
            yield piece

    def _next(self) -> bool:
        """Go on to the next chunk, when the buffer is used up."""
        self._base += len(self._buffer)
        self._buffer, self._at = next(self._chunks, b""), 0
        while not self._buffer:
            chunk = next(self._chunks, None)
            if chunk is None:
                return False
            self._buffer = chunk
        return True

    def _fill(self, count: int) -> bool:
        """Bring `count` bytes into the buffer; False where the archive ends before."""
        self._base += self._at
        if self._at == len(self._buffer):  # chunks of whole blocks, as ours are, end where headers begin
            self._buffer, self._at = next(self._chunks, b""), 0
            if len(self._buffer) >= count:
                return True
        parts = [self._buffer[self._at :]]
        have = len(parts[0])
        while have < count:
            chunk = next(self._chunks, None)
            if chunk is None:
                break
            parts.append(chunk)
            have += len(chunk)
        self._buffer, self._at = b"".join(parts), 0
        return have >= count

    def _skip(self, count: int) -> None:
        count -= len(self._buffer) - self._at
        base = self._base + len(self._buffer)
        if self._seek is not None:
            if not self._seek(count):
                raise TarError("the archive is cut off inside a file", base)
            self._base, self._buffer, self._at = base + count, b"", 0
            return
        for chunk in self._chunks:
            if count <= len(chunk):
                self._base, self._buffer, self._at = base, chunk, count
                return
            count -= len(chunk)
            base += len(chunk)
        # Writers that leave out the padding of the last file lose nothing.
        self._base, self._buffer, self._at = base, b"", 0
        if count > self._padding:
            raise TarError("the archive is cut off inside a file", base)

    def _drain(self) -> None:
        """Read what follows the end, so that whoever counts or hashes the chunks sees all of them."""
        self._base += len(self._buffer)
        for chunk in self._chunks:
            self._base += len(chunk)
        self._buffer, self._at = b"", 0

    @staticmethod
    def _check(header: bytes, written: bytes, offset: int, known: dict[bytes, int]) -> None:
        """Compare the checksum: the sum of the header's bytes, the checksum's own counting as blanks.

        Adler-32 has a sum of bytes in its lower half, modulo 65521, in a tenth of the time; a sum of 512 bytes is rarely above.
        `known` remembers for a checksum as it is written what Adler-32 makes of a whole header that has it.
        """
        try:
            stated = int(written[:6], 8)  # six digits, as nearly everybody writes it
        except ValueError:
            try:
                stated = number(written)
            except TarError:
                stated = -1
        expected = (stated + 1 - 8 * 32 + sum(written)) % _ADLER_BASE
        if expected == adler32(header) & 0xFFFF:
            if len(known) < _MAX_KNOWN:
                known[written] = expected
            return
        # Some old writers summed signed bytes.
        signed = sum(byte - 256 if byte > 127 else byte for byte in header[:148] + header[156:])
        if signed + 256 != stated:
            raise TarError("a header's checksum is wrong: this is no tar archive, or a damaged one", offset)

    def _extend(
        self, known: Extensions | None, kind: bytes, size: int, shared: dict[str, bytes], offset: int
    ) -> Extensions | None:
        """Read a header that only says something of the member behind it (or, global, of all behind it)."""
        if size > MAX_EXTENSION:
            raise TarError(f"an extended header has {size:,} bytes", offset)
        self._left, self._padding, self._sparse, self._size = size, -size % BLOCK, None, size
        data = self.read(size)
        if kind == b"g":
            for key, value in parse_records(data, offset)[0].items():
                if value:
                    shared[key] = value
                else:
                    shared.pop(key, None)
            return known
        extensions = known if known is not None else Extensions()
        if kind == b"L":
            extensions.long_name = data.partition(b"\0")[0]
        elif kind == b"K":
            extensions.long_link = data.partition(b"\0")[0]
        else:
            records, extensions.sparse = parse_records(data, offset)
            extensions.records.update(records)
        return extensions

    def _old_sparse(self, header: bytes, offset: int) -> int:
        """GNU's first form: four pieces in the header, then blocks of 21 while a byte says that there are more."""
        pieces = sparse_entries(header[386:482], offset)
        more, size = header[482], number(header[483:495], offset)
        while more:
            if len(self._buffer) - self._at < BLOCK and not self._fill(BLOCK):
                raise TarError("the archive is cut off inside a sparse file's map", self.position)
            block = self._buffer[self._at : self._at + BLOCK]
            self._at += BLOCK
            pieces += sparse_entries(block[:504], offset)
            more = block[504]
        self._set_sparse(pieces, size, offset)
        return size

    def _pax_sparse(
        self, records: dict[str, bytes], repeated: list[tuple[int, int]], path: bytes, size: int, offset: int
    ) -> tuple[bytes, int]:
        real = _decimal(
            records.get("GNU.sparse.realsize") or records.get("GNU.sparse.size") or str(size).encode(), offset
        )
        path = records.get("GNU.sparse.name") or path
        if records.get("GNU.sparse.major") == b"1":
            self._size = size
            pieces = self._sparse_map(offset)
        else:
            pieces = sparse_map_of_records(records, repeated, offset)
        self._set_sparse(pieces, real, offset)
        return path, real

    def _sparse_map(self, offset: int) -> list[tuple[int, int]]:
        """Form 1.0: decimal lines before the content, in whole blocks: how many pieces, then offset and size of each."""
        numbers: list[int] = []
        text = b""
        wanted = 1
        while len(numbers) < wanted:
            if self._left < BLOCK:
                raise TarError("a sparse file ends inside its map", offset)
            text += b"".join(self._stored(BLOCK))
            *lines, text = text.split(b"\n")
            numbers += [_decimal(line, offset) for line in lines[: wanted - len(numbers)]]
            if wanted == 1 and numbers:
                wanted += 2 * numbers[0]
                numbers += [_decimal(line, offset) for line in lines[1:wanted]]
            if wanted * 2 > MAX_EXTENSION or len(text) > BLOCK:
                raise TarError("a sparse file's map is too large", offset)
        return list(zip(numbers[1::2], numbers[2::2], strict=True))

    def _set_sparse(self, pieces: list[tuple[int, int]], size: int, offset: int) -> None:
        at = 0
        for start, length in pieces:
            if start < at or length < 0:
                raise TarError("the pieces of a sparse file are not in order", offset)
            at = start + length
        if at > size or sum(length for _, length in pieces) != self._left:
            raise TarError("the pieces of a sparse file do not add up to it", offset)
        self._sparse, self._size = pieces, size


def _decimal(text: bytes, offset: int) -> int:
    if not text.isdigit() or len(text) > 20:
        raise TarError(f"{text[:40]!r} stands where a number should", offset)
    return int(text)


def _zeros(count: int) -> Iterator[bytes]:
    piece = bytes(min(count, 1 << 20))
    while count > 0:
        yield piece if count >= len(piece) else piece[:count]
        count -= len(piece)
