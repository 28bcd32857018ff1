"""The text of a file as people see it: lines and columns, and the places of values in it."""

import re
from array import array
from bisect import bisect_left, bisect_right
from functools import cached_property
from itertools import accumulate, repeat
from operator import add
from typing import Any

from seawall.model.resource import Location, Place

MAX_EVIDENCE = 200
"""Most characters of a value that a report quotes: enough to recognise it, and a bound on the report's size."""

MOST_LOOKED_AT = 4096
"""Most bytes of a value that are looked at for it."""

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_CONTINUATION = re.compile(rb"[\x80-\xbf]+")


class SourceText:
    """A file's path and its UTF-8 `data`. Offsets are bytes; lines and columns count from 1, columns in characters.

    `finder` is a place to remember the last document that was asked for a field, its finder and the places it found.
    """

    __slots__ = ("__dict__", "_counted", "data", "finder", "path")

    def __init__(self, path: str, data: bytes) -> None:
        self.path = path
        self.data = data
        self.finder: tuple[object, Any, dict[Any, Place]] = (None, None, {})
        self._counted = (0, 1)  # an offset, and its line

    @cached_property
    def _starts(self) -> "array[int]":
        """Where the lines start. Four bytes a line: a scan keeps those of all files with findings."""
        lengths = map(len, self.data.split(b"\n"))
        starts = array("I", accumulate(map(add, lengths, repeat(1)), initial=0))
        if self.data.startswith(BYTE_ORDER_MARK):
            starts[0] = len(BYTE_ORDER_MARK)  # which nobody sees
        return starts

    @cached_property
    def _continuations(self) -> "array[int]":
        """Where the bytes are that do not start a character: a column is a difference of two searches, however long the line."""
        found = array("I")
        if self.data.isascii():
            return found
        for match in _CONTINUATION.finditer(self.data):
            found.extend(range(match.start(), match.end()))
        return found

    def line_at(self, offset: int) -> int:
        """Return the number of the line that holds the byte at `offset`."""
        # Documents are asked for in their order: lines are counted on from the last one, which spares most files `_starts`.
        before, line = self._counted
        if offset < before:
            before, line = 0, 1
        line += self.data.count(b"\n", before, offset)
        self._counted = (offset, line)
        return line

    def starts_line(self, offset: int) -> bool:
        """Tell whether a line begins at `offset`; the first one begins behind the byte order mark."""
        return offset == 0 or self.data[offset - 1] == 0x0A or self.data[:offset] == BYTE_ORDER_MARK

    def position(self, offset: int) -> tuple[int, int]:
        """Return line and column of the byte at `offset`."""
        starts = self._starts
        line = bisect_right(starts, offset) or 1
        start = starts[line - 1]
        hidden = self._continuations
        return line, 1 + offset - start - (bisect_left(hidden, offset) - bisect_left(hidden, start) if hidden else 0)

    def place(self, start: int, end: int, evidence: bytes | None) -> Place:
        """Return the place from `start` to `end` with the `evidence` as the file has it."""
        line, column = self.position(start)
        begin, next_begin = self._starts[line - 1], self._starts[line]
        if end < next_begin and not self._continuations:
            end_line, end_column = line, column + end - start
        else:
            end_line, end_column = self.position(end)
        return Place(
            Location(self.path, line, column, end_line, end_column),
            None if evidence is None else quote(evidence),
            snippet_of(self.data[begin : min(next_begin - 1, begin + 4 * MAX_EVIDENCE)]),
        )


def snippet_of(line: bytes) -> str:
    """Return what a report shows of a `line`, which is given without its line feed."""
    return quote(line[: 4 * MAX_EVIDENCE].rstrip(b"\r"))


def quote(raw: bytes) -> str:
    """Return `raw` as text of at most `MAX_EVIDENCE` characters."""
    text = raw[: 4 * MAX_EVIDENCE + 4].decode("utf-8", "replace")
    return text if len(text) <= MAX_EVIDENCE else text[: MAX_EVIDENCE - 1] + "…"
