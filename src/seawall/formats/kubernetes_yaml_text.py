"""The text of a file as people see it: lines and columns, and the places of values in it."""

import re
from bisect import bisect_right
from functools import cached_property

from seawall.model.resource import Location, Place

MAX_EVIDENCE = 200
"""Most characters of a value that a report quotes: enough to recognise it, and a bound on the report's size."""

_LINE_END = re.compile(rb"\n")


class SourceText:
    """A file's path and its UTF-8 `data`. Offsets are bytes; lines and columns count from 1, columns in characters."""

    __slots__ = ("__dict__", "data", "path")

    def __init__(self, path: str, data: bytes) -> None:
        self.path = path
        self.data = data

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(match.end() for match in _LINE_END.finditer(self.data))]

    def line_at(self, offset: int) -> int:
        """Return the number of the line that holds the byte at `offset`."""
        return bisect_right(self._starts, offset)

    def position(self, offset: int) -> tuple[int, int]:
        """Return line and column of the byte at `offset`."""
        line = bisect_right(self._starts, offset)
        before = self.data[self._starts[line - 1] : offset]
        return line, (len(before) if before.isascii() else len(before.decode("utf-8", "replace"))) + 1

    def snippet(self, line: int) -> str:
        """Return the whole line, cut where it is longer than a report can quote."""
        start = self._starts[line - 1]
        end = self._starts[line] if line < len(self._starts) else len(self.data)
        return quote(self.data[start : min(end, start + 4 * MAX_EVIDENCE)].rstrip(b"\r\n"))

    def place(self, start: int, end: int, evidence: bytes | None) -> Place:
        """Return the place from `start` to `end` with the `evidence` as the file has it."""
        line, column = self.position(start)
        end_line, end_column = self.position(end)
        return Place(
            Location(self.path, line, column, end_line, end_column),
            None if evidence is None else quote(evidence),
            self.snippet(line),
        )


def quote(raw: bytes) -> str:
    """Return `raw` as text of at most `MAX_EVIDENCE` characters."""
    text = raw[: 4 * MAX_EVIDENCE + 4].decode("utf-8", "replace")
    return text if len(text) <= MAX_EVIDENCE else text[: MAX_EVIDENCE - 1] + "…"
