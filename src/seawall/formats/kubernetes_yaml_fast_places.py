"""Where fields stand in a document of the plain part of YAML, found in its bytes without reading it a second time.

`PlainFinder` walks the field path beside the document's value. In plain YAML (see ``kubernetes_yaml_lines``) every entry of a
map starts a line at the map's column, or stands behind the dash that the map starts with. So the first line at that column that
starts with the key is the entry: nothing inside the map's other entries can start there, and because the value has the
key, the line stands before the map ends. The same holds for the dashes of a list. That is one search for a few bytes a step,
and steps are remembered for the next field.

It gives the very spans of the exact reader's nodes (``tests/property/test_fast_places_are_exact.py``).
"""

import re
from typing import Any, NamedTuple

from seawall.formats.kubernetes_yaml_nodes import compose
from seawall.formats.kubernetes_yaml_spans import NodeFinder, Span
from seawall.formats.kubernetes_yaml_text import SourceText
from seawall.model.field_path import FieldPath

_NEXT_CONTENT = re.compile(rb"\n( *)(?=[^ \r\n#])")
_FIRST_CONTENT = re.compile(rb"(?:\A|\n)( *)(?=[^ \r\n#])")
_NEXT_LINE = re.compile(rb"\n( *)(?=[^ \r\n])")
_DOUBLE_QUOTED = re.compile(rb'"(?:[^"\\]|\\.)*"')
_SINGLE_QUOTED = re.compile(rb"'(?:[^']|'')*'")


class _Entry(NamedTuple):
    """A value in the text. `at` is where it starts; a value that is not written (null) has the place behind its ``:`` or ``-``.

    `key_start` is -1 for the document's root and for items of lists. `column` is that of a block collection, -1 for a value
    in flow style or a scalar.
    """

    value: Any
    key_start: int
    key_end: int
    at: int
    column: int


class PlainFinder:
    """Finds fields of the document with `value` whose plain text stands from `start` to `end` in the file."""

    def __init__(self, source: SourceText, start: int, end: int, value: Any) -> None:
        self._source = source
        self._data = source.data
        self._end = end
        # A key in quotes is looked for only in documents that can have one.
        self._quotes = [quote for quote in (b'"', b"'") if source.data.find(quote + b":", start, end) >= 0]
        match = _FIRST_CONTENT.search(source.data[start:end])
        at = start + match.end() if match else start
        root = _Entry(value, -1, -1, at, len(match[1]) if match else 0)
        self._known: dict[FieldPath, _Entry] = {(): root}
        self._dashes: dict[int, list[int]] = {}  # of a list, by its place: where its items' dashes are, as far as known
        self._flows: dict[int, NodeFinder] = {}

    def find(self, field: FieldPath) -> Span:
        """Return the span of `field` (see `SpanFinder`)."""
        known = self._known
        depth = len(field)
        entry = known.get(field)
        while entry is None:
            depth -= 1
            entry = known.get(field[:depth])
        while depth < len(field):
            step, value = field[depth], entry.value
            if isinstance(step, str):
                if type(value) is not dict or step not in value:
                    return self._key_span(entry)
            elif type(value) is not list or step >= len(value):
                return self._key_span(entry)
            if entry.column < 0:
                return self._find_in_flow(entry, field[depth:])
            entry = self._key(entry, step) if isinstance(step, str) else self._item(entry, step)
            depth += 1
            known[field[:depth]] = entry
        end = self._end_of(entry)
        if type(entry.value) is dict or type(entry.value) is list:
            start, stop, _ = self._key_span(entry)
            return Span(start, stop, (entry.at, end))
        return Span(entry.at if entry.key_start < 0 else entry.key_start, end, (entry.at, end))

    def _key(self, entry: _Entry, key: str) -> _Entry:
        """Return the entry of `key` in the block map `entry`."""
        written = key.encode()
        start, length = self._line(entry, written), len(written)
        for quote in self._quotes:
            quoted = self._line(entry, quote + written + quote)
            if start < 0 or 0 <= quoted < start:
                start, length = quoted, len(written) + 2
        key_end = start + length
        return self._behind(entry.value[key], start, key_end, key_end + 1)

    def _line(self, entry: _Entry, written: bytes) -> int:
        if self._data.startswith(written + b":", entry.at):
            return entry.at
        found = self._data.find(b"\n" + b" " * entry.column + written + b":", entry.at, self._end)
        return found if found < 0 else found + 1 + entry.column

    def _item(self, entry: _Entry, index: int) -> _Entry:
        """Return the entry of item `index` of the block list `entry`."""
        dashes = self._dashes.get(entry.at)
        if dashes is None:
            dashes = self._dashes[entry.at] = [entry.at]
        while len(dashes) <= index:
            dashes.append(
                self._data.index(b"\n" + b" " * entry.column + b"-", dashes[-1], self._end) + 1 + entry.column
            )
        return self._behind(entry.value[index], -1, -1, dashes[index] + 1)

    def _behind(self, value: Any, key_start: int, key_end: int, after: int) -> _Entry:
        """Return the entry whose value follows `after`: in the same line or in the next ones."""
        data = self._data
        at = after
        while data[at : at + 1] == b" ":
            at += 1
        first = data[at : at + 1]
        collection = type(value) is dict or type(value) is list
        if at >= self._end or first in (b"\n", b"\r", b"#"):
            match = _NEXT_CONTENT.search(data, at, self._end) if collection else None
            if match is None:
                return _Entry(value, key_start, key_end, after, -1)
            return _Entry(value, key_start, key_end, match.end(), len(match[1]))
        if collection and first not in (b"{", b"["):
            return _Entry(value, key_start, key_end, at, at - data.rfind(b"\n", 0, at) - 1)
        return _Entry(value, key_start, key_end, at, -1)

    def _key_span(self, entry: _Entry) -> Span:
        if entry.key_start >= 0:
            return Span(entry.key_start, entry.key_end, None)
        if type(entry.value) is dict and entry.column >= 0:
            return Span(entry.at, self._key_end(entry.at), None)
        if type(entry.value) is dict and entry.value:
            return self._flow(entry).find(())._replace(value=None)
        return Span(entry.at, entry.at, None)

    def _key_end(self, at: int) -> int:
        quote = self._data[at : at + 1]
        if quote in (b'"', b"'"):
            return self._data.index(quote, at + 1) + 1
        return self._data.index(b":", at)

    def _end_of(self, entry: _Entry) -> int:
        """Return where the text of `entry` ends: with its last scalar or flow collection."""
        while entry.column >= 0:
            if type(entry.value) is dict:
                entry = self._key(entry, next(reversed(entry.value)))
            else:
                entry = self._item(entry, len(entry.value) - 1)
        data, at = self._data, entry.at
        first = data[at : at + 1]
        if first in (b"{", b"["):
            return self._flow_end(entry)
        if first == b'"' or first == b"'":
            match = (_DOUBLE_QUOTED if first == b'"' else _SINGLE_QUOTED).match(data, at)
            return match.end() if match else at
        line_end = data.find(b"\n", at, self._end)
        if first in (b"|", b">") and line_end >= 0:
            return self._block_end(line_end)
        end = self._end if line_end < 0 else line_end
        comment = data.find(b" #", at, end)
        return at + len(data[at : end if comment < 0 else comment].rstrip())

    def _block_end(self, line_end: int) -> int:
        """Return where the block scalar ends whose header ends at `line_end`: before the first line further to the left."""
        data = self._data
        first = _NEXT_LINE.search(data, line_end, self._end)
        if first is None:
            return line_end
        position, width = first.end(), len(first[1])
        while True:
            match = _NEXT_LINE.search(data, position, self._end)
            if match is None:
                return self._end
            if len(match[1]) < width:
                return match.start()
            position = match.end()

    def _flow_end(self, entry: _Entry) -> int:
        if not entry.value:
            return self._data.index(b"}" if type(entry.value) is dict else b"]", entry.at) + 1
        _, end = self._flow(entry).find(()).value or (0, entry.at)
        return end

    def _find_in_flow(self, entry: _Entry, rest: FieldPath) -> Span:
        flow = self._flow(entry)
        return flow.find(rest) if entry.key_start < 0 or flow.has(rest[0]) else self._key_span(entry)

    def _flow(self, entry: _Entry) -> NodeFinder:
        flow = self._flows.get(entry.at)
        if flow is None:
            line_end = self._data.find(b"\n", entry.at, self._end)
            end = self._end if line_end < 0 else line_end
            root = compose(self._data[entry.at : end].decode())
            flow = self._flows[entry.at] = NodeFinder(self._source, entry.at, end, root)
        return flow
