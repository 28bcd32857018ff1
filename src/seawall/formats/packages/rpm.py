"""RPM databases in their three forms: SQLite (``rpmdb.sqlite``), ndb (``Packages.db``) and Berkeley DB (``Packages``).

All hold one header a package (``rpm_headers``); which form it is shows in the first bytes, not in the name.
"""

import struct
from collections.abc import Iterator

from seawall.formats.package_list import MalformedError, PackageList, collect
from seawall.formats.packages.rpm_headers import add_header
from seawall.formats.sqlite_tables import Database, SqliteError
from seawall.model.package import ParsedPackages

_NDB_PAGE, _NDB_SLOT, _NDB_BLOCK = 4096, 16, 16
_BDB_HASH_MAGIC = 0x061561
_BDB_HEADER = 26
_BDB_HASH_PAGES = frozenset((2, 13))
_BDB_OVERFLOW, _BDB_INLINE, _BDB_OFFPAGE = 7, 1, 3

MAX_HEADER = 64 * 1024 * 1024
"""Largest header; rpm's own limit is 256 MB, and the kernel's packages have about 3 MB."""


def parse(path: str, data: bytes) -> ParsedPackages:
    """Return the installed packages; the purl has no distribution until it is known."""
    return collect(path, data, _read)  # only indexed and sliced: `data` may be a mapping of a file


def _read(packages: PackageList, data: bytes) -> None:
    for blob in headers(data):
        add_header(packages, blob)


def headers(data: bytes) -> Iterator[bytes]:
    """Yield the header of each package. Raises `MalformedError`."""
    if data[:16] == b"SQLite format 3\0":
        blobs = _sqlite(data)
    elif data[:4] == b"RpmP":
        blobs = _ndb(data)
    elif len(data) >= 512 and _bdb_order(data):
        blobs = _bdb(data)
    elif not data:
        return  # rpm makes empty files for the forms that it does not use
    else:
        raise MalformedError("is no RPM database: it is neither SQLite, ndb nor a Berkeley DB hash")
    yield from blobs


def _sqlite(data: bytes) -> Iterator[bytes]:
    try:
        for row in Database(data).rows("Packages"):
            if len(row) > 1 and isinstance(row[1], bytes):
                yield row[1]
    except SqliteError as error:
        raise MalformedError(f"is a broken RPM database: it {error}") from error


def _ndb(data: bytes) -> Iterator[bytes]:
    """rpm's ``lib/backend/ndb/rpmpkg.c``: slots of 16 bytes after a header of 32; blobs in blocks of 16, each with its length."""
    if len(data) < 32:
        raise MalformedError("is a broken RPM database: it ends in its header")
    (pages,) = struct.unpack_from("<I", data, 12)
    end = pages * _NDB_PAGE
    if end > len(data):
        raise MalformedError("is a broken RPM database: it ends in its table of slots")
    budget = len(data)
    for magic, index, offset, _ in struct.iter_unpack("<4sIII", data[2 * _NDB_SLOT : end - end % _NDB_SLOT]):
        if magic != b"Slot":
            raise MalformedError("is a broken RPM database: a slot has no mark")
        if not index:
            continue
        start = offset * _NDB_BLOCK
        if start + 16 > len(data):
            raise MalformedError("is a broken RPM database: it ends before a package")
        mark, owner, _, size = struct.unpack_from("<4sIII", data, start)
        budget -= 16 + size  # no two slots share their bytes
        if mark != b"BlbS" or owner != index or start + 16 + size > len(data) or budget < 0:
            raise MalformedError("is a broken RPM database: a slot points to no package")
        yield data[start + 16 : start + 16 + size]


def _bdb_order(data: bytes) -> str:
    """Return the byte order of a Berkeley DB hash as `struct` writes it, or nothing."""
    for order in "<>":
        if struct.unpack_from(order + "I", data, 12)[0] == _BDB_HASH_MAGIC:
            return order
    return ""


def _bdb(data: bytes) -> Iterator[bytes]:
    """Berkeley DB's ``dbinc/db_page.h``: every page of the hash lists offsets of keys and values in turn, from its start."""
    order = _bdb_order(data)
    (size,) = struct.unpack_from(order + "I", data, 20)
    if not 512 <= size <= 65536 or size & (size - 1):
        raise MalformedError("is a broken RPM database: it states an impossible page size")
    (last,) = struct.unpack_from(order + "I", data, 32)
    if (last + 1) * size > len(data):
        raise MalformedError("is a broken RPM database: it ends before its last page")
    budget = len(data)  # bytes of values in all: each belongs to one
    for number in range(1, last + 1):
        page = data[number * size : (number + 1) * size]
        entries, _, _, kind = struct.unpack_from(order + "HHBB", page, 20)
        if kind not in _BDB_HASH_PAGES:
            continue
        if _BDB_HEADER + 2 * entries > size:
            raise MalformedError(f"is a broken RPM database: page {number} has more entries than room")
        offsets = struct.unpack_from(f"{order}{entries}H", page, _BDB_HEADER)
        for entry in range(1, entries, 2):
            start = offsets[entry]
            if start >= size:
                raise MalformedError(f"is a broken RPM database: an entry of page {number} lies outside of it")
            if page[start] == _BDB_OFFPAGE and start + 12 <= size:
                first, length = struct.unpack_from(order + "II", page, start + 4)
                budget -= length
                if budget < 0 or length > MAX_HEADER:
                    raise MalformedError("is a broken RPM database: its values are larger than the file")
                yield _bdb_overflow(data, order, size, first, length)
            elif page[start] == _BDB_INLINE:
                blob = page[start + 1 : offsets[entry - 1]]
                budget -= len(blob)
                if budget < 0:
                    raise MalformedError("is a broken RPM database: its values are larger than the file")
                if len(blob) > 4:  # the number of the next package is kept under a key of its own
                    yield blob


def _bdb_overflow(data: bytes, order: str, size: int, number: int, length: int) -> bytes:
    parts, left = [], length
    while left > 0:
        page = data[number * size : (number + 1) * size]
        if len(page) < size or page[25] != _BDB_OVERFLOW:
            raise MalformedError(f"is a broken RPM database: page {number} is not the rest of a package")
        following, _, used = struct.unpack_from(order + "IHH", page, 16)
        used = min(used, left, size - _BDB_HEADER)
        if not used:
            raise MalformedError(f"is a broken RPM database: page {number} is empty")
        parts.append(page[_BDB_HEADER : _BDB_HEADER + used])
        left -= used
        number = following
    return b"".join(parts)
