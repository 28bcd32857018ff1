"""Where fields stand in a document of the plain part of YAML, found from the lines that the reader noted.

In plain YAML (see ``kubernetes_yaml_lines``) every entry of a map or list starts a line at the collection's column, or stands
behind the dash that the map starts with. The reader notes these lines (`Marks`), so the way to a field is a walk through the
document's value and one look at the line of its last step.

Most fields are absent, and then the key of what they would stand in is shown, or end with a scalar that is all on one line. These
are read off the lines themselves (`PlainFinder.find_in_lines`). Everything else is found as bytes of the file
(`PlainFinder.find`), which is right for all fields.

Both give the very places of the exact reader's nodes (``tests/property/test_fast_places_are_exact.py``).
"""

import re
from functools import cached_property
from itertools import accumulate, islice, repeat
from operator import add
from typing import TYPE_CHECKING, Any, TypeAlias

from seawall.formats.kubernetes_yaml_fast import Marks
from seawall.formats.kubernetes_yaml_nodes import Node, YamlError, compose
from seawall.formats.kubernetes_yaml_spans import NodeFinder, Span
from seawall.formats.kubernetes_yaml_spread import MAX_READ_AGAIN, compose_closed_later
from seawall.formats.kubernetes_yaml_text import MOST_LOOKED_AT, SourceText, quote, snippet_of
from seawall.model.field_path import FieldPath
from seawall.model.resource import Location, Place

if TYPE_CHECKING:
    from seawall.formats.kubernetes_json_places import JsonFinder

_NEXT_CONTENT = re.compile(rb"\n( *)(?=[^ \r\n#])")
_INLINE = re.compile(rb" *(?=[^ \r\n#])")
_NEXT_LINE = re.compile(rb"\n( *)(?=[^ \r\n])")
_DOUBLE_QUOTED = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_QUOTES = b"\"'"
_NOT_HERE = b"|>[{\r#"  # behind a key: what begins on this line and ends elsewhere, is no scalar, or is nothing
# Flow collections that are JSON but for words without quotes (see `simple_flow`).
_ITEM = rb"""(?:"[^"\\\n]*"|-{0,2}[A-Za-z0-9/$][A-Za-z0-9._/=$()+@%-]*)"""
_ENTRY = rb"""(?:[A-Za-z_][A-Za-z0-9._/-]{0,250}(?=: )|"[^"\\\n]{0,250}"(?=:)): *""" + _ITEM
_SIMPLE_FLOW = re.compile(
    rb"\[[ \n]*(?:%(item)b[ \n]*,[ \n]*)*%(item)b[ \n]*,?[ \n]*\]|\{[ \n]*(?:%(entry)b[ \n]*,[ \n]*)*%(entry)b[ \n]*,?[ \n]*\}"
    % {b"item": _ITEM, b"entry": _ENTRY}
)
_SINGLE_QUOTED = re.compile(rb"'(?:[^']|'')*'")
_MOST_LINES = 64  # of a block that are put together here; a report quotes far fewer

_Entry: TypeAlias = tuple[Any, int, int, int, int]
"""A value in the text: the value, where its key starts and ends, where it starts itself, and the column of what it is in.

The key's places are -1 for the document's root and for items of lists. A value that is not written (null) has the place behind
its ``:`` or ``-``.
"""


class PlainFinder:
    """Finds fields of the document with `value` and `marks`. Its text stands from `start`, where a line begins, to `end`."""

    def __init__(self, source: SourceText, start: int, end: int, value: Any, marks: Marks) -> None:
        self._source = source
        self._data = source.data
        self._start = start
        self._end = end
        self._value = value
        self._marks = {id(entries[0]): entries for entries in marks}  # by the identity of the collection
        self._lines = source.data[start:end].split(b"\n")
        self._first = source.line_at(start)
        self._keys: dict[int, dict[str, int]] = {}  # of a block map, by its identity: the line of each key
        self._flows: dict[int, NodeFinder | JsonFinder] = {}

    def find_in_lines(self, field: FieldPath) -> Place | None:
        """Return the place of `field` where it can be read off its lines, which is nearly everywhere, else None: `find` knows."""
        inside, last, value, absent = self._walk(field)
        is_block = value.__class__ is dict or value.__class__ is list
        evidence = None
        if is_block and not absent:
            evidence = self._read_block(value)
            if evidence is None:
                return None
        by_key = absent or is_block
        if by_key and last.__class__ is not str:  # an item of a list, or the root: by its own first key
            if value.__class__ is not dict or id(value) not in self._marks:
                return None
            inside, last = value, next(iter(value))
        entries = self._marks.get(id(inside))
        if entries is None:
            return None
        number, column = self._line_of(inside, last, entries), entries[1] >> 1
        line = self._lines[number]
        if by_key:
            start = column
            end = column + len(last) + (2 if line[column] in _QUOTES else 0)
        else:
            span = self._scalar(number, column, last)
            if span is None:
                return None
            start, end = span
            evidence = quote(line[start : min(end, start + MOST_LOOKED_AT)].rstrip())
            if not line.isascii():
                end = len(line[:end].decode())
            if last.__class__ is str:
                start = column
        number += self._first
        return Place(Location(self._source.path, number, start + 1, number, end + 1), evidence, snippet_of(line))

    def _scalar(self, number: int, column: int, step: Any) -> tuple[int, int] | None:
        """Return where the scalar begins and ends that line `number` has at `step` of a collection at `column`.

        None where there is none, or where it is not all on the line.
        """
        line = self._lines[number]
        behind = line[(column if step.__class__ is int else _key_end(line, column, step)) + 1 :].lstrip(b" ")
        if not behind or behind[0] in _NOT_HERE or self._goes_on(number, column):
            return None
        begin = len(line) - len(behind)
        if behind[0] in _QUOTES:
            closed = (_DOUBLE_QUOTED if behind[0] == 0x22 else _SINGLE_QUOTED).match(behind)
            return None if closed is None else (begin, begin + closed.end())
        return begin, begin + len(behind.partition(b" #")[0].rstrip())

    def _read_block(self, value: Any) -> str | None:
        """Return the evidence for a block collection: its text up to its last scalar. None where that is not all on one line."""
        entries = self._marks.get(id(value))
        if entries is None:
            return None
        first, start = entries[2], entries[1] >> 1
        inner: list[Any] | None = entries
        while inner is not None:
            entries = inner
            last = next(reversed(value)) if value.__class__ is dict else len(value) - 1
            value = value[last]
            inner = self._marks.get(id(value))
        span = self._scalar(entries[-1], entries[1] >> 1, last)
        if span is None or entries[-1] > first + _MOST_LINES:
            return None
        lines = self._lines[first : entries[-1] + 1]
        lines[-1] = lines[-1][: span[1]]
        return quote(b"\n".join(lines)[start : start + MOST_LOOKED_AT].rstrip())

    def _walk(self, field: FieldPath) -> tuple[Any, Any, Any, bool]:
        """Return the last step to `field` that is there: what it is in, the step, its value, and whether more steps were left."""
        inside, last, value = None, None, self._value
        step: Any
        for step in field:
            if step.__class__ is str:
                if value.__class__ is not dict or step not in value:
                    return inside, last, value, True
            elif value.__class__ is not list or step >= len(value):
                return inside, last, value, True
            inside, last, value = value, step, value[step]
        return inside, last, value, False

    def _line_of(self, inside: Any, step: Any, entries: list[Any]) -> int:
        """Return the line of the entry at `step` in the block collection `inside`, of which `entries` are the marks."""
        if inside.__class__ is list:
            return int(entries[step + 2])
        lines = self._keys.get(id(inside))
        if lines is None:
            lines = self._keys[id(inside)] = dict(zip(inside, islice(entries, 2, None), strict=True))
        return lines[step]

    def _goes_on(self, number: int, column: int) -> bool:
        """Tell whether a value on line `number`, in a collection at `column`, may go on on the next line that is not blank."""
        lines = self._lines
        for following in range(number + 1, len(lines)):
            line = lines[following]
            text = line.lstrip(b" ")
            if text and text != b"\r":
                return len(line) - len(text) > column and text[0] != 0x23
        return False

    def find(self, field: FieldPath) -> Span:
        """Return the span of `field` (see `SpanFinder`)."""
        inside, last, value, absent = self._walk(field)
        if inside is not None and id(inside) not in self._marks:
            return self._find_in_flow(field)
        entry = self._entry(inside, last, value)
        if absent:
            return self._key_span(entry)
        _, key_start, _, at, _ = entry
        end = self._end_of(entry)
        if type(value) is dict or type(value) is list:
            start, stop, _ = self._key_span(entry)
            return Span(start, stop, (at, end))
        return Span(at if key_start < 0 else key_start, end, (at, end))

    def _entry(self, inside: Any, last: Any, value: Any) -> _Entry:
        """Return the entry of `value`, at the step `last` in the block collection `inside`, which is None for the root."""
        if inside is None:
            return value, -1, -1, self._begin(value), -1
        entries = self._marks[id(inside)]
        column = entries[1] >> 1
        number = self._line_of(inside, last, entries)
        start = self._starts[number]
        if type(inside) is list:
            return value, -1, -1, self._behind(value, start + column + 1), column
        key_end = start + _key_end(self._lines[number], column, last)
        return value, start + column, key_end, self._behind(value, key_end + 1), column

    @cached_property
    def _starts(self) -> list[int]:
        """Where the document's lines start."""
        return list(accumulate(map(add, map(len, self._lines), repeat(1)), initial=self._start))

    def _begin(self, value: Any) -> int:
        """Return where the block collection `value` starts."""
        entries = self._marks[id(value)]
        return self._starts[entries[2]] + int(entries[1] >> 1)

    def _behind(self, value: Any, after: int) -> int:
        """Return where the value starts that follows `after`: in the same line or in the next ones."""
        if id(value) in self._marks:
            return self._begin(value)
        match = _INLINE.match(self._data, after, self._end)
        if match is None and value is not None:  # a null on the next line is not plain
            match = _NEXT_CONTENT.search(self._data, after, self._end)
        return after if match is None else match.end()

    def _key_span(self, entry: _Entry) -> Span:
        value, key_start, key_end, at, _ = entry
        if key_start >= 0:
            return Span(key_start, key_end, None)
        if type(value) is dict and value:
            if id(value) not in self._marks:
                return self._flow(at).find(())._replace(value=None)
            first = next(iter(value))
            _, start, stop, _, _ = self._entry(value, first, value[first])
            return Span(start, stop, None)
        return Span(at, at, None)

    def _end_of(self, entry: _Entry) -> int:
        """Return where the text of `entry` ends: with its last scalar or flow collection."""
        while id(entry[0]) in self._marks:
            inside = entry[0]
            last = next(reversed(inside)) if type(inside) is dict else len(inside) - 1
            entry = self._entry(inside, last, inside[last])
        data, end, (value, _, _, at, level) = self._data, self._end, entry
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

    def _find_in_flow(self, field: FieldPath) -> Span:
        """Return the span of a field in the outermost flow collection on the way to it."""
        inside, last, value = None, None, self._value
        depth = 0
        while id(value) in self._marks:
            inside, last, value = value, field[depth], value[field[depth]]
            depth += 1
        entry = self._entry(inside, last, value)
        flow = self._flow(entry[3])
        return flow.find(field[depth:]) if entry[1] < 0 or flow.has(field[depth]) else self._key_span(entry)

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


def _key_end(line: bytes, column: int, key: str) -> int:
    """Return where `key`, which stands at `column` of its line, ends in it. Keys in quotes have no escapes."""
    if line[column] in _QUOTES:
        return line.index(line[column], column + 1) + 1
    return column + len(key)
