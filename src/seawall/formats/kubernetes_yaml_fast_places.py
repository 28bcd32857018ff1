"""Where fields stand in a document of the plain part of YAML, found in its bytes without reading it a second time.

`PlainFinder` walks the field path beside the document's value. In plain YAML (see ``kubernetes_yaml_lines``) every entry of a
map starts a line at the map's column, or stands behind the dash that the map starts with. So the first line at that column that
starts with the key is the entry: nothing inside the map's other entries can start there, and because the value has the
key, the line stands before the map ends. The same holds for the dashes of a list. That is one search for a few bytes a step,
and steps are remembered for the next field.

It gives the very spans of the exact reader's nodes (``tests/property/test_fast_places_are_exact.py``).
"""

import re
from typing import TYPE_CHECKING, Any, TypeAlias

from seawall.formats.kubernetes_yaml_nodes import Node, YamlError, compose
from seawall.formats.kubernetes_yaml_spans import NodeFinder, Span
from seawall.formats.kubernetes_yaml_spread import MAX_READ_AGAIN, compose_closed_later
from seawall.formats.kubernetes_yaml_text import SourceText
from seawall.model.field_path import FieldPath

if TYPE_CHECKING:
    from seawall.formats.kubernetes_json_places import JsonFinder

_NEXT_CONTENT = re.compile(rb"\n( *)(?=[^ \r\n#])")
_INLINE = re.compile(rb" *(?=[^ \r\n#])")
_LEADING = re.compile(rb"(?: *(?:#[^\n]*)?\r?\n)*( *)")
_NEXT_LINE = re.compile(rb"\n( *)(?=[^ \r\n])")
_DOUBLE_QUOTED = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_KEY_END = re.compile(rb":(?=[ \r\n]|\Z)")
_AFTER_KEY = frozenset({b" ", b"\n", b"\r", b""})
# Flow collections that are JSON but for words without quotes (see `simple_flow`).
_ITEM = rb"""(?:"[^"\\\n]*"|-{0,2}[A-Za-z0-9/$][A-Za-z0-9._/=$()+@%-]*)"""
_ENTRY = rb"""(?:[A-Za-z_][A-Za-z0-9._/-]{0,250}(?=: )|"[^"\\\n]{0,250}"(?=:)): *""" + _ITEM
_SIMPLE_FLOW = re.compile(
    rb"\[[ \n]*(?:%(item)b[ \n]*,[ \n]*)*%(item)b[ \n]*,?[ \n]*\]|\{[ \n]*(?:%(entry)b[ \n]*,[ \n]*)*%(entry)b[ \n]*,?[ \n]*\}"
    % {b"item": _ITEM, b"entry": _ENTRY}
)
_SINGLE_QUOTED = re.compile(rb"'(?:[^']|'')*'")


_Entry: TypeAlias = tuple[Any, int, int, int, int, int]
"""A value in the text: the value, where its key starts and ends, where it starts itself, its column, and that of what it is in.

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
        match = _LEADING.match(source.data, start, end)
        at = match.end() if match else start
        self._root: _Entry = (value, -1, -1, at, at - match.start(1) if match else 0, -1)
        self._known: dict[int, dict[str | int, _Entry]] = {}  # of a block collection, by its place: what is in it
        self._dashes: dict[int, list[int]] = {}  # of a list, by its place: where its items' dashes are, as far as known
        self._flows: dict[int, NodeFinder | JsonFinder] = {}

    def find(self, field: FieldPath) -> Span:
        """Return the span of `field` (see `SpanFinder`)."""
        entry = self._root
        for depth, step in enumerate(field):
            value, _, _, at, column, _ = entry
            inner = self._known[at].get(step) if at in self._known else None
            if inner is None:
                if isinstance(step, str):
                    if type(value) is not dict or step not in value:
                        return self._key_span(entry)
                elif type(value) is not list or step >= len(value):
                    return self._key_span(entry)
                if column < 0:
                    return self._find_in_flow(entry, field[depth:])
                if isinstance(step, str):
                    inner = self._key(value[step], step, at, column)
                else:
                    inner = self._item(value[step], step, at, column)
                self._known.setdefault(at, {})[step] = inner
            entry = inner
        value, key_start, _, at, _, _ = entry
        end = self._end_of(entry)
        if type(value) is dict or type(value) is list:
            start, stop, _ = self._key_span(entry)
            return Span(start, stop, (at, end))
        return Span(at if key_start < 0 else key_start, end, (at, end))

    def _key(self, value: Any, key: str, at: int, column: int) -> _Entry:
        """Return the entry of `key`, which has `value`, in the block map at `at`."""
        written = key.encode()
        if self._quotes:
            start, length = self._any_line(at, column, written)
        else:
            start, length = self._line(at, column, written, self._end), len(written)
        return self._behind(value, start, start + length, start + length + 1, column)

    def _line(self, at: int, column: int, written: bytes, end: int) -> int:
        """Return where the entry of the key `written` starts, in the map at `at` or behind it, or -1."""
        data = self._data
        written += b":"
        if data.startswith(written, at) and data[at + len(written) : at + len(written) + 1] in _AFTER_KEY:
            return at
        written = b"\n" + b" " * column + written
        found = data.find(written, at, end)
        while found >= 0:
            after = found + len(written)
            if data[after : after + 1] in _AFTER_KEY:
                return found + 1 + column
            found = data.find(written, after, end)
        return found

    def _any_line(self, at: int, column: int, written: bytes) -> tuple[int, int]:
        """Return where the entry of a key starts that may be in quotes, and how long the key is: the first of its spellings.

        The text is searched in growing parts: a spelling that the map does not have may be far away.
        """
        spellings = [written, *(quote + written + quote for quote in self._quotes)]
        size = 4096
        while True:
            end = min(self._end, at + size)
            found = [(start, len(one)) for one in spellings if (start := self._line(at, column, one, end)) >= 0]
            if found or end == self._end:
                return min(found)
            size *= 4

    def _item(self, value: Any, index: int, at: int, column: int) -> _Entry:
        """Return the entry of item `index`, which is `value`, of the block list at `at`."""
        dashes = self._dashes.get(at)
        if dashes is None:
            dashes = self._dashes[at] = [at]
        while len(dashes) <= index:
            dashes.append(self._data.index(b"\n" + b" " * column + b"-", dashes[-1], self._end) + 1 + column)
        return self._behind(value, -1, -1, dashes[index] + 1, column)

    def _behind(self, value: Any, key_start: int, key_end: int, after: int, level: int) -> _Entry:
        """Return the entry whose value follows `after`: in the same line or in the next ones."""
        data = self._data
        match = _INLINE.match(data, after, self._end)
        inline = match is not None
        if match is None and value is not None:  # a null on the next line is not plain
            match = _NEXT_CONTENT.search(data, after, self._end)
        if match is None:
            return value, key_start, key_end, after, -1, level
        at = match.end()
        if data[at] in b"{[" or not (type(value) is dict or type(value) is list):
            return value, key_start, key_end, at, -1, level
        column = at - (data.rfind(b"\n", 0, at) if inline else match.start()) - 1
        return value, key_start, key_end, at, column, level

    def _key_span(self, entry: _Entry) -> Span:
        value, key_start, key_end, at, column, _ = entry
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
        match = _KEY_END.search(self._data, at, self._end)
        return match.start() if match else at

    def _end_of(self, entry: _Entry) -> int:
        """Return where the text of `entry` ends: with its last scalar or flow collection."""
        while entry[4] >= 0:
            value, _, _, at, column, _ = entry
            if type(value) is dict:
                last = next(reversed(value))
                entry = self._key(value[last], last, at, column)
            else:
                entry = self._item(value[-1], len(value) - 1, at, column)
        data, end, (value, _, _, at, _, level) = self._data, self._end, entry
        first = data[at : at + 1]
        if first in (b"{", b"["):
            if not value:
                return data.index(b"}" if type(value) is dict else b"]", at) + 1
            _, stop = self._flow(at).find(()).value or (0, at)
            return stop
        if first == b'"' or first == b"'":
            match = (_DOUBLE_QUOTED if first == b'"' else _SINGLE_QUOTED).match(data, at)
            return match.end() if match else at
        line_end = data.find(b"\n", at, end)
        if value is None or line_end < 0:
            line_end = end if line_end < 0 else line_end
        elif first in (b"|", b">"):
            return self._block_end(line_end)
        while True:
            comment = data.find(b" #", at, line_end)
            stop = at + len(data[at : line_end if comment < 0 else comment].rstrip())
            following = _NEXT_LINE.search(data, line_end, end) if comment < 0 and value is not None else None
            if following is None or len(following[1]) <= level or data[following.end()] == 0x23:
                return stop
            at = following.end()
            line_end = data.find(b"\n", at, end)
            line_end = end if line_end < 0 else line_end

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

    def _flow(self, at: int) -> "NodeFinder | JsonFinder":
        flow = self._flows.get(at)
        if flow is None:
            simple = _SIMPLE_FLOW.match(self._data, at, self._end)
            if simple is not None:  # as good as JSON, as most flow collections are, which needs no parser
                from seawall.formats.kubernetes_json_places import JsonFinder

                flow = JsonFinder(self._data, at, simple.end())
            else:
                root, length = self._compose(at)
                flow = NodeFinder(self._source, at, at + length, root)
            self._flows[at] = flow
        return flow

    def _compose(self, at: int) -> tuple[Node | None, int]:
        line_end = self._data.find(b"\n", at, self._end)
        start = self._data[at : self._end if line_end < 0 else line_end].decode()
        try:
            return compose(start), len(start.encode())
        except YamlError:
            following = self._data[line_end + 1 : self._end].decode().split("\n")
            root, count = compose_closed_later(start, following, [MAX_READ_AGAIN])
            return root, len("\n".join([start, *following[:count]]).encode())
