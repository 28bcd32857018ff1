"""Where fields stand in a JSON text, or in a flow collection of YAML that is nearly JSON, found without reading it a second time.

`JsonFinder` walks the field path from bracket to bracket: one pass over the text pairs them, an object's members are then listed
when a field in it is asked for, and what is inside the other members is jumped over.
"""

import re
from array import array
from bisect import bisect_left
from functools import cached_property
from typing import TypeAlias

from seawall.formats.kubernetes_yaml_spans import Span
from seawall.model.field_path import FieldPath

_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"')
_BRACKET = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{}]')
_SCALAR = re.compile(rb"[^\s,\]}]+")
_WORD = re.compile(rb"[^\s:,\]}]+")  # a key without quotes, which there is in YAML
_SPACE = re.compile(rb"[\s,:]*")

_Entry: TypeAlias = tuple[int, int, int]
"""Where a value's key starts and ends (-1 for items of lists), and where the value starts."""


class JsonFinder:
    """Finds fields of the JSON text that stands from `start` to `end` in `data`."""

    def __init__(self, data: bytes, start: int, end: int) -> None:
        self._data = data
        self._start = self._skip_space(start)
        self._end = end
        self._members: dict[int, dict[str | int, _Entry]] = {}  # of a collection, by its place

    def find(self, field: FieldPath) -> Span:
        """Return the span of `field` (see `SpanFinder`)."""
        entry: _Entry = (-1, -1, self._start)
        for step in field:
            inner = self._members_of(entry[2]).get(step)
            if inner is None:
                return self._key_span(entry)
            entry = inner
        key_start, _, at = entry
        end = self._end_of(at)
        if self._data[at] in b"{[":
            start, stop, _ = self._key_span(entry)
            return Span(start, stop, (at, end))
        return Span(at if key_start < 0 else key_start, end, (at, end))

    def has(self, step: str | int) -> bool:
        """Tell whether there is something at `step` below the root."""
        return step in self._members_of(self._start)

    def _key_span(self, entry: _Entry) -> Span:
        key_start, key_end, at = entry
        if key_start < 0 and self._data[at] == 0x7B:
            for key_start, key_end, _ in self._members_of(at).values():  # noqa: B007  (an item is shown by its first key)
                break
        return Span(at, at, None) if key_start < 0 else Span(key_start, key_end, None)

    def _members_of(self, at: int) -> dict[str | int, _Entry]:
        members = self._members.get(at)
        if members is None:
            members = self._members[at] = {}
            opening = self._data[at]
            if opening in b"{[":
                self._list_members(at, opening == 0x7B, members)
        return members

    def _list_members(self, at: int, is_object: bool, members: dict[str | int, _Entry]) -> None:
        data = self._data
        position = self._skip_space(at + 1)
        while data[position] not in b"}]":
            key_start = key_end = -1
            step: str | int = len(members)
            if is_object:
                key_start = position
                key_end = self._end_of(position) if data[position] == 0x22 else self._end_of_word(position)
                step = _key(data[key_start:key_end])
                position = self._skip_space(key_end)
            members[step] = (key_start, key_end, position)
            position = self._skip_space(self._end_of(position))

    def _end_of(self, at: int) -> int:
        """Return where the value that starts at `at` ends."""
        first = self._data[at]
        if first in b"{[":
            opened, closed = self._brackets
            return closed[bisect_left(opened, at)] + 1
        match = (_STRING if first == 0x22 else _SCALAR).match(self._data, at)
        return match.end() if match else at

    def _end_of_word(self, at: int) -> int:
        match = _WORD.match(self._data, at)
        return match.end() if match else at

    def _skip_space(self, at: int) -> int:
        match = _SPACE.match(self._data, at)
        return match.end() if match else at

    @cached_property
    def _brackets(self) -> "tuple[array[int], array[int]]":
        """Where brackets open, in order, and where each of them closes."""
        opened, closed = array("I"), array("I")
        waiting: list[int] = []
        data = self._data
        for match in _BRACKET.finditer(data, self._start, self._end):
            at = match.start()
            byte = data[at]
            if byte == 0x22:
                continue
            if byte in b"{[":
                waiting.append(len(opened))
                opened.append(at)
                closed.append(at)
            else:
                closed[waiting.pop()] = at
        return opened, closed


def _key(written: bytes) -> str:
    if not written.startswith(b'"'):
        return written.decode()
    if b"\\" not in written:
        return written[1:-1].decode()
    import json  # not for the flow collections of YAML files

    return str(json.loads(written))
