"""Where fields stand in a document of the plain part of YAML, found in its bytes without reading it a second time.

`PlainFinder` walks the field path beside the document's value. In plain YAML (see ``kubernetes_yaml_lines``) every entry of a
map starts a line at the map's column, or stands behind the dash that the map starts with. So the first line at that column that
starts with the key is the entry: nothing inside the map's other entries can start there, and because the value has the
key, the line stands before the map ends. The same holds for the dashes of a list. That is one search for a few bytes a step,
and steps are remembered for the next field.

It gives the very spans of the exact reader's nodes (``tests/property/test_fast_places_are_exact.py``).
"""

import re
from typing import Any, TypeAlias

from seawall.formats.kubernetes_yaml_nodes import compose
from seawall.formats.kubernetes_yaml_spans import NodeFinder, Span
from seawall.formats.kubernetes_yaml_text import SourceText
from seawall.model.field_path import FieldPath

_NEXT_CONTENT = re.compile(rb"\n( *)(?=[^ \r\n#])")
_INLINE = re.compile(rb" *(?=[^ \r\n#])")
_FIRST_CONTENT = re.compile(rb"(?:\A|\n)( *)(?=[^ \r\n#])")
_NEXT_LINE = re.compile(rb"\n( *)(?=[^ \r\n])")
_DOUBLE_QUOTED = re.compile(rb'"(?:[^"\\]|\\.)*"')
_SINGLE_QUOTED = re.compile(rb"'(?:[^']|'')*'")


_Entry: TypeAlias = tuple[Any, int, int, int, int]
"""A value in the text: the value, where its key starts and ends, where it starts itself, and its column.

The key's places are -1 for the document's root and for items of lists. A value that is not written (null) has the place behind
its ``:`` or ``-``. The column is that of a block collection, -1 for a value in flow style and for a scalar. A plain tuple: a scan
makes hundreds of thousands.
"""


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
        root = (value, -1, -1, at, len(match[1]) if match else 0)
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
            step, value = field[depth], entry[0]
            if isinstance(step, str):
                if type(value) is not dict or step not in value:
                    return self._key_span(entry)
            elif type(value) is not list or step >= len(value):
                return self._key_span(entry)
            if entry[4] < 0:
                return self._find_in_flow(entry, field[depth:])
            entry = self._key(entry, step) if isinstance(step, str) else self._item(entry, step)
            depth += 1
            known[field[:depth]] = entry
        value, key_start, _, at, _ = entry
        end = self._end_of(entry)
        if type(value) is dict or type(value) is list:
            start, stop, _ = self._key_span(entry)
            return Span(start, stop, (at, end))
        return Span(at if key_start < 0 else key_start, end, (at, end))

    def _key(self, entry: _Entry, key: str) -> _Entry:
        """Return the entry of `key` in the block map `entry`."""
        value, _, _, at, column = entry
        data = self._data
        written = key.encode() + b":"
        indented = b"\n" + b" " * column
        start = at if data.startswith(written, at) else data.find(indented + written, at, self._end) + 1 + column
        key_end = start + len(written) - 1
        for quote in self._quotes:
            quoted = quote + written[:-1] + quote + b":"
            other = at if data.startswith(quoted, at) else data.find(indented + quoted, at, self._end) + 1 + column
            if other > column and (start <= column or other < start):
                start, key_end = other, other + len(quoted) - 1
        return self._behind(value[key], start, key_end, key_end + 1)

    def _item(self, entry: _Entry, index: int) -> _Entry:
        """Return the entry of item `index` of the block list `entry`."""
        value, _, _, at, column = entry
        dashes = self._dashes.get(at)
        if dashes is None:
            dashes = self._dashes[at] = [at]
        while len(dashes) <= index:
            dashes.append(self._data.index(b"\n" + b" " * column + b"-", dashes[-1], self._end) + 1 + column)
        return self._behind(value[index], -1, -1, dashes[index] + 1)

    def _behind(self, value: Any, key_start: int, key_end: int, after: int) -> _Entry:
        """Return the entry whose value follows `after`: in the same line or in the next ones."""
        data = self._data
        collection = type(value) is dict or type(value) is list
        match = _INLINE.match(data, after, self._end)
        if match is None:
            match = _NEXT_CONTENT.search(data, after, self._end) if collection else None
            if match is None:
                return value, key_start, key_end, after, -1
            return value, key_start, key_end, match.end(), match.end() - match.start() - 1
        at = match.end()
        if collection and data[at] not in b"{[":
            return value, key_start, key_end, at, at - data.rfind(b"\n", 0, at) - 1
        return value, key_start, key_end, at, -1

    def _key_span(self, entry: _Entry) -> Span:
        value, key_start, key_end, at, column = entry
        if key_start >= 0:
            return Span(key_start, key_end, None)
        if type(value) is dict and column >= 0:
            return Span(at, self._key_end(at), None)
        if type(value) is dict and value:
            return self._flow(at).find(())._replace(value=None)
        return Span(at, at, None)

    def _key_end(self, at: int) -> int:
        quote = self._data[at : at + 1]
        if quote in (b'"', b"'"):
            return self._data.index(quote, at + 1) + 1
        return self._data.index(b":", at)

    def _end_of(self, entry: _Entry) -> int:
        """Return where the text of `entry` ends: with its last scalar or flow collection."""
        while entry[4] >= 0:
            value = entry[0]
            entry = (
                self._key(entry, next(reversed(value))) if type(value) is dict else self._item(entry, len(value) - 1)
            )
        data, value, at = self._data, entry[0], entry[3]
        first = data[at : at + 1]
        if first in (b"{", b"["):
            if not value:
                return data.index(b"}" if type(value) is dict else b"]", at) + 1
            _, end = self._flow(at).find(()).value or (0, at)
            return end
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

    def _find_in_flow(self, entry: _Entry, rest: FieldPath) -> Span:
        flow = self._flow(entry[3])
        return flow.find(rest) if entry[1] < 0 or flow.has(rest[0]) else self._key_span(entry)

    def _flow(self, at: int) -> NodeFinder:
        flow = self._flows.get(at)
        if flow is None:
            line_end = self._data.find(b"\n", at, self._end)
            end = self._end if line_end < 0 else line_end
            flow = self._flows[at] = NodeFinder(self._source, at, end, compose(self._data[at:end].decode()))
        return flow
