"""What tar headers say beyond the fixed fields: numbers in their three notations, PAX records, maps of sparse files.

POSIX.1-2001 pax(1), "pax Extended Header"; GNU tar's manual, "Basic Tar Format" and "Storing Sparse Files".
"""

import msgspec

MAX_EXTENSION = 1024 * 1024
"""Largest extended header or long name, as in Go's reader; paths have at most some kilobytes, extended attributes 64 KB each."""


class TarError(ValueError):
    """The archive is damaged, cut off, or none. `offset` is the byte of the archive where that shows."""

    def __init__(self, reason: str, offset: int) -> None:
        super().__init__(f"{reason} (at byte {offset:,})")
        self.reason = reason
        self.offset = offset


class Extensions(msgspec.Struct):
    """What the headers before a member say of it."""

    records: dict[str, bytes] = {}
    sparse: list[tuple[int, int]] = []
    long_name: bytes = b""
    long_link: bytes = b""


def number(field: bytes, offset: int = 0) -> int:
    """Return the number of a header field: octal, padded with blanks or zero bytes, or in base 256. Raises `TarError`."""
    if field and field[0] in (0x80, 0xFF):
        value = int.from_bytes(field[1:], "big")
        if field[0] == 0xFF:
            value -= 1 << 8 * (len(field) - 1)
        if not 0 <= value < 1 << 63:
            raise TarError(f"the number {value} stands in a header", offset)
        return value
    text = field.partition(b"\0")[0].strip(b" ")
    if not text:
        return 0
    try:
        value = int(text, 8)
    except ValueError:
        value = -1
    if value < 0 or not text.isdigit():  # Python's numbers may have signs and underscores
        raise TarError(f"{field!r} stands where a number should", offset)
    return value


def parse_records(data: bytes, offset: int) -> tuple[dict[str, bytes], list[tuple[int, int]]]:
    """Return the records of a PAX header, and the pieces of a sparse file of form 0.0, whose keys are repeated.

    A record is ``"%d %s=%s\\n" % (length, key, value)``, where the length counts the whole record.
    """
    records: dict[str, bytes] = {}
    starts: list[int] = []
    sizes: list[int] = []
    at = 0
    while at < len(data):
        blank = data.find(b" ", at, at + 12)
        text = data[at:blank]
        length = int(text) if blank > at and text.isdigit() else 0
        end = at + length
        if length < 5 or end > len(data) or data[end - 1] != 0x0A:
            if not data[at:].strip(b"\0"):
                break  # padded by its writer
            raise TarError("a PAX header has a broken record", offset)
        key, equals, value = data[blank + 1 : end - 1].partition(b"=")
        if not equals:
            raise TarError("a PAX header has a record without a value", offset)
        name = key.decode("utf-8", "replace")
        if name == "GNU.sparse.offset" or name == "GNU.sparse.numbytes":
            if not value.isdigit() or len(value) > 20:
                raise TarError("a sparse file's map is broken", offset)
            (starts if name == "GNU.sparse.offset" else sizes).append(int(value))
        records[name] = value
        at = end
    if len(starts) != len(sizes):
        raise TarError("a sparse file's map is broken", offset)
    return records, list(zip(starts, sizes, strict=True))


def sparse_entries(field: bytes, offset: int) -> list[tuple[int, int]]:
    """Return the pieces in a field of old GNU headers: pairs of 12 bytes, as many as are not empty."""
    pieces = []
    for at in range(0, len(field), 24):
        if not field[at]:
            break
        pieces.append((number(field[at : at + 12], offset), number(field[at + 12 : at + 24], offset)))
    return pieces


def sparse_map_of_records(
    records: dict[str, bytes], repeated: list[tuple[int, int]], offset: int
) -> list[tuple[int, int]]:
    """Return the pieces of a sparse file of form 0.0 (`repeated`) or 0.1 (one list in ``GNU.sparse.map``)."""
    text = records.get("GNU.sparse.map")
    if text is None:
        return repeated
    fields = text.split(b",") if text else []
    if len(fields) % 2 or not all(field.isdigit() and len(field) <= 20 for field in fields):
        raise TarError("a sparse file's map is broken", offset)
    numbers = [int(field) for field in fields]
    return list(zip(numbers[::2], numbers[1::2], strict=True))
