"""Entries of a zip archive that lies in memory, inflated within bounds (APPNOTE 6.3.10, as far as Java archives and OSV's use
it).

A reader of our own, because the library wants a file and trusts the sizes that the archive states. Here the caller's limit
counts. An archive may begin after other bytes, as a Spring Boot jar does that is a shell script too.
"""

import mmap
import struct
import zlib
from collections.abc import Iterator

import msgspec

MAX_ENTRIES = 200_000
"""Most entries of an archive; the largest jars have a fifth of it."""

_END, _END64, _LOCATOR64, _ENTRY, _LOCAL = b"PK\5\6", b"PK\6\6", b"PK\6\7", b"PK\1\2", b"PK\3\4"
_COMMENT = 65_535


class ZipError(ValueError):
    """The archive is broken, encrypted, or holds more than the limit."""


class ZipLimitError(ZipError):
    """The archive holds more than the limit."""


class Entry(msgspec.Struct, frozen=True):
    """One entry: its `name`, where its bytes are, and the checksum (CRC-32) that the directory states."""

    name: str
    offset: int
    method: int
    stored: int
    encrypted: bool
    checksum: int = 0


class Archive:
    """The archive in `data`. Raises `ZipError` here, while entries are listed and while they are read."""

    def __init__(self, data: bytes | mmap.mmap, *, max_entries: int = MAX_ENTRIES) -> None:
        self._data = data
        self._max_entries = max_entries
        end = data.rfind(_END, max(0, len(data) - _COMMENT - 22))
        if end < 0 or end + 22 > len(data):
            raise ZipError("is no zip archive, or cut off: it has no directory")
        self._count, size, start = struct.unpack_from("<HII", data, end + 10)
        if self._count == 0xFFFF or 0xFFFFFFFF in (size, start):
            end = self._find_end64(end)
            self._count, size, start = struct.unpack_from("<QQQ", data, end + 32)
        self._start = end - size
        self._shift = self._start - start  # the bytes before the archive
        self._end = end
        if self._start < 0 or self._shift < 0:
            raise ZipError("is a broken zip archive: its directory begins before the file")

    def _find_end64(self, end: int) -> int:
        locator = end - 20
        if locator < 0 or self._data[locator : locator + 4] != _LOCATOR64:
            raise ZipError("is a broken zip archive: the rest of its directory is missing")
        found = self._data.rfind(_END64, 0, locator)
        if found < 0 or found + 56 > len(self._data):
            raise ZipError("is a broken zip archive: the rest of its directory is missing")
        return found

    def entries(self) -> Iterator[Entry]:
        """Yield the entries of the directory in its order."""
        if self._count > self._max_entries:
            raise ZipError(f"has more than {self._max_entries:,} entries")
        at = self._start
        for _ in range(self._count):
            if at + 46 > self._end or self._data[at : at + 4] != _ENTRY:
                raise ZipError("is a broken zip archive: its directory ends too early")
            flags, method = struct.unpack_from("<HH", self._data, at + 8)
            checksum, stored, _, name, extra, comment = struct.unpack_from("<IIIHHH", self._data, at + 16)
            (offset,) = struct.unpack_from("<I", self._data, at + 42)
            text = self._data[at + 46 : at + 46 + name].decode("utf-8", "replace")
            if 0xFFFFFFFF in (stored, offset):
                raise ZipError(f"has an entry of more than 4 GB: {text[:100]!r}")
            yield Entry(text, offset + self._shift, method, stored, bool(flags & 1), checksum)
            at += 46 + name + extra + comment

    def read(self, entry: Entry, limit: int, *, verify: bool = False) -> bytes:
        """Return the content of `entry`; more than `limit` bytes are an error, and with `verify` another checksum than
        stated.
        """
        data, at = self._data, entry.offset
        if entry.encrypted:
            raise ZipError(f"has an encrypted entry: {entry.name[:100]!r}")
        if at + 30 > len(data) or data[at : at + 4] != _LOCAL:
            raise ZipError(f"is a broken zip archive: {entry.name[:100]!r} is not where the directory says")
        name, extra = struct.unpack_from("<HH", data, at + 26)
        start = at + 30 + name + extra
        if start + entry.stored > len(data):
            raise ZipError(f"is cut off inside {entry.name[:100]!r}")
        # No copy: many entries may share their bytes. Let go at once, for a file that is mapped is closed after it.
        with memoryview(data)[start : start + entry.stored] as stored:
            content = self._inflated(entry, stored, limit)
        if len(content) > limit:
            raise ZipLimitError(f"has an entry that holds more than is left of the limit: {entry.name[:100]!r}")
        if verify and zlib.crc32(content) != entry.checksum:
            raise ZipError(f"is a broken zip archive: {entry.name[:100]!r} has another checksum than stated")
        return content

    def _inflated(self, entry: Entry, stored: memoryview, limit: int) -> bytes:
        """Return the content, or of a longer one a byte more than `limit`."""
        if entry.method == 0:
            content = bytes(stored[: limit + 1])
        elif entry.method == 8:
            inflate = zlib.decompressobj(-zlib.MAX_WBITS)
            try:
                content = inflate.decompress(stored, limit + 1)
            except zlib.error as error:
                raise ZipError(f"is a broken zip archive: {entry.name[:100]!r} cannot be inflated") from error
            if not inflate.eof and len(content) <= limit:
                raise ZipError(f"is cut off inside {entry.name[:100]!r}")
        else:
            raise ZipError(
                f"has an entry of compression method {entry.method}, which is not read: {entry.name[:100]!r}"
            )
        return content
