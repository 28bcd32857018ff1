"""Rows of a table in an SQLite database that lies in memory (https://www.sqlite.org/fileformat2.html).

A reader of our own, because the library opens files and runs the statements that a database's schema holds; databases of
images come from strangers. Only what package databases use is read: tables with a row id, text in UTF-8. A write-ahead log
is not seen.
"""

import struct
from collections.abc import Iterator

MAX_PAGES = 1 << 20
"""Most pages that are visited: 4 GB of the usual size, more than any file that is read. No page is visited twice."""

MAX_ROW = 64 * 1024 * 1024
"""Largest row that is put together from its pages."""

Value = int | str | bytes | None


class SqliteError(ValueError):
    """The file is no SQLite database, or a broken one."""


class Database:
    """A database whose bytes are `data`. Raises `SqliteError` here and while rows are read."""

    def __init__(self, data: bytes) -> None:
        if len(data) < 512 or data[:16] != b"SQLite format 3\0":
            raise SqliteError("is no SQLite database")
        size = int.from_bytes(data[16:18], "big")
        self._data = data
        self._budget = len(data)
        self._page_size = 65536 if size == 1 else size
        self._usable = self._page_size - data[20]
        if self._page_size < 512 or self._page_size & (self._page_size - 1) or self._usable < 480:
            raise SqliteError("states an impossible page size")
        if data[56:60] not in (b"\0\0\0\1", b"\0\0\0\0"):
            raise SqliteError("is not encoded in UTF-8")

    def rows(self, table: str) -> Iterator[list[Value]]:
        """Yield the rows of `table` in the order of their ids; nothing where there is no such table."""
        for row in self._walk(1):
            if len(row) >= 4 and row[0] == "table" and row[1] == table and isinstance(row[3], int):
                yield from self._walk(row[3])
                return

    def _walk(self, root: int) -> Iterator[list[Value]]:
        """Yield the rows below the page `root`, children before what is to the right of them."""
        pending, seen = [root], set[int]()
        while pending:
            number = pending.pop()
            if number in seen or len(seen) >= MAX_PAGES:
                raise SqliteError("has a page that stands in its tree twice")
            seen.add(number)
            page = self._page(number)
            start = 100 if number == 1 else 0
            kind, cells = page[start], int.from_bytes(page[start + 3 : start + 5], "big")
            pointers = start + (8 if kind == 13 else 12)
            if kind not in (5, 13) or pointers + 2 * cells > len(page):
                raise SqliteError(f"has a page {number} that is no part of a table")
            offsets = struct.unpack_from(f">{cells}H", page, pointers)
            if kind == 13:
                for offset in offsets:
                    yield _record(self._payload(page, offset))
            else:
                children = [int.from_bytes(page[offset : offset + 4], "big") for offset in offsets]
                children.append(int.from_bytes(page[start + 8 : start + 12], "big"))
                pending.extend(reversed(children))

    def _page(self, number: int) -> bytes:
        start = (number - 1) * self._page_size
        page = self._data[start : start + self._page_size] if number > 0 else b""
        if len(page) < self._page_size:
            raise SqliteError(f"ends before its page {number}")
        return page

    def _payload(self, page: bytes, offset: int) -> bytes:
        """Return the bytes of a leaf's cell, its overflow pages included."""
        size, at = _varint(page, offset)
        _, at = _varint(page, at)  # the row id
        self._budget -= size  # no two rows share their bytes
        if size > MAX_ROW or self._budget < 0:
            raise SqliteError(f"states a row of {size:,} bytes, or rows larger than the file")
        most = self._usable - 35
        if size <= most:
            return page[at : at + size]
        least = (self._usable - 12) * 32 // 255 - 23
        local = least + (size - least) % (self._usable - 4)
        local = local if local <= most else least
        parts, left = [page[at : at + local]], size - local
        following = int.from_bytes(page[at + local : at + local + 4], "big")
        while left > 0:  # ends: every page takes off some of what is left
            more = self._page(following)
            parts.append(more[4 : 4 + min(left, self._usable - 4)])
            left -= self._usable - 4
            following = int.from_bytes(more[:4], "big")
        return b"".join(parts)


def _record(payload: bytes) -> list[Value]:
    header, at = _varint(payload, 0)
    if header > len(payload):
        raise SqliteError("has a row whose header is longer than the row")
    kinds = []
    while at < header:
        kind, at = _varint(payload, at)
        kinds.append(kind)
    values: list[Value] = []
    at = header
    for kind in kinds:
        if kind >= 12:
            size = (kind - 12) // 2
            raw = payload[at : at + size]
            values.append(raw if kind % 2 == 0 else raw.decode("utf-8", "replace"))
        elif kind in (8, 9):
            size = 0
            values.append(kind - 8)
        elif kind == 0:
            size = 0
            values.append(None)
        elif kind == 7:
            size = 8  # a floating point number, which no package database has
            values.append(None)
        elif kind <= 6:
            size = (0, 1, 2, 3, 4, 6, 8)[kind]
            values.append(int.from_bytes(payload[at : at + size], "big", signed=True))
        else:
            raise SqliteError("has a row with a value of a reserved kind")
        at += size
        if at > len(payload):
            raise SqliteError("has a row that ends inside a value")
    return values


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for index in range(at, at + 8):
        if index >= len(data):
            raise SqliteError("ends inside a number")
        byte = data[index]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, index + 1
    if at + 8 >= len(data):
        raise SqliteError("ends inside a number")
    return value << 8 | data[at + 8], at + 9
