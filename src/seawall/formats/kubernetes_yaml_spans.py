"""Where a field stands in a file, as bytes, and how to find it in the exact reader's nodes."""

import re
from array import array
from bisect import bisect_left
from typing import NamedTuple, Protocol

from seawall.formats.kubernetes_yaml_nodes import Node, child_of
from seawall.formats.kubernetes_yaml_text import SourceText
from seawall.model.field_path import FieldPath

_WIDE = re.compile("[^\x00-\x7f]")


class Span(NamedTuple):
    """Where a field stands, in bytes of the file. `value` is None for a field that is not there."""

    start: int
    end: int
    value: tuple[int, int] | None


class SpanFinder(Protocol):
    """Finds fields in one document."""

    def find(self, field: FieldPath) -> Span:
        """Return the span of `field`, or that of its nearest existing parent without a value."""
        ...


class NodeFinder:
    """Finds fields in exact nodes, whose marks count characters from the start of the document's text."""

    def __init__(self, source: SourceText, start: int, end: int, root: Node | None) -> None:
        self._base = start
        self._wide, self._extra = _find_wide(source.data[start:end])
        self._root = root

    def find(self, field: FieldPath) -> Span:
        """Return the span of `field` (see `SpanFinder`)."""
        if self._root is None:
            return Span(self._base, self._base, None)
        key: Node | None = None
        node = self._root
        for step in field:
            child = child_of(node, step)
            if child is None:
                return self._key_span(key, node)
            key, node = child
        node = node.alias_of or node
        start, end = self._offset(node.start), self._offset(self._end_of(node))
        first = node if key is None or key.start > node.start else key
        if node.text is not None:
            return Span(self._offset(first.start), end, (start, end))
        return self._key_span(key, node)._replace(value=(start, end))

    def has(self, step: str | int) -> bool:
        """Tell whether there is something at `step` below the root."""
        return self._root is not None and child_of(self._root, step) is not None

    def _key_span(self, key: Node | None, node: Node) -> Span:
        node = node.alias_of or node
        if key is None and node.pairs:
            key = node.pairs[0][0]
        if key is None:
            return Span(self._offset(node.start), self._offset(node.start), None)
        return Span(self._offset(key.start), self._offset(key.end), None)

    def _end_of(self, node: Node) -> int:
        """Return where the text of `node` ends: libyaml ends a block collection where the next token starts."""
        while node.alias_of is None and not node.flow:
            if node.pairs:
                node = node.pairs[-1][1]
            elif node.items:
                node = node.items[-1]
            else:
                break
        return node.end

    def _offset(self, characters: int) -> int:
        return self._base + characters + self._extra[bisect_left(self._wide, characters)]


def _find_wide(chunk: bytes) -> "tuple[array[int], array[int]]":
    """Return which characters of `chunk` take more than a byte, and how many more up to each of them and in all."""
    wide, extra = array("I"), array("I", [0])
    if not chunk.isascii():
        text = chunk.decode("utf-8", "replace")
        for match in _WIDE.finditer(text):
            wide.append(match.start())
            extra.append(extra[-1] + len(match[0].encode()) - 1)
    return wide, extra
