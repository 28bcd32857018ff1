"""Where the fields of one document stand in its file.

Two readers can answer: ``kubernetes_yaml_fast`` from rapidyaml's tree, for documents in the plain subset of YAML, and the exact
nodes of ``kubernetes_yaml_nodes`` for all others. Both are asked for a `Span`; this module makes `Place`s of them.
"""

import re
from typing import NamedTuple, Protocol

from seawall.formats.kubernetes_yaml_nodes import Node, YamlError, child_of, compose
from seawall.formats.kubernetes_yaml_text import SourceText
from seawall.model.field_path import FieldPath
from seawall.model.resource import Place

_PROPERTIES = re.compile(rb"(?:[&!][^\s,\[\]{}]*\s+)+")  # an anchor or a tag in front of a value
_CONTENT = re.compile(rb"^[ \t]*(?=[^\s#])", re.MULTILINE)


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


class Places:
    """The places of one document, whose text stands from `start` to `end` in the file."""

    __slots__ = ("_finder", "_plain", "end", "source", "start")

    def __init__(
        self, source: SourceText, start: int, end: int, *, plain: bool = False, root: Node | None = None
    ) -> None:
        self.source = source
        self.start = start
        self.end = end
        self._plain = plain
        self._finder: SpanFinder | None = None if root is None else NodeFinder(source, start, end, root)

    @property
    def first_line(self) -> int:
        """The line of the document's first content."""
        match = _CONTENT.search(self.source.data, self.start, self.end)
        return self.source.line_at(match.end() if match else self.start)

    @property
    def lines(self) -> tuple[int, int]:
        """The first and the last line of the document's text."""
        return self.source.line_at(self.start), self.source.line_at(max(self.start, self.end - 1))

    def locate(self, field: FieldPath) -> Place:
        """Return the place of `field` (see `Document.locate`)."""
        span = self._find(field)
        if span.value is None:
            return self.source.place(span.start, span.end, None)
        start, end = span.value
        data = self.source.data
        if data[start : start + 1] in (b"&", b"!"):
            match = _PROPERTIES.match(data, start, end)
            start = match.end() if match else start
        evidence = data[start:end].rstrip()
        return self.source.place(span.start, min(span.end, max(span.start, start + len(evidence))), evidence)

    def _find(self, field: FieldPath) -> Span:
        if self._finder is None:
            self._finder = self._read()
        return self._finder.find(field)

    def _read(self) -> SpanFinder:
        text = self.source.data[self.start : self.end].decode("utf-8", "replace")
        try:
            root = compose(text)
        except YamlError:  # JSON that libyaml does not take: only the document's own place is known
            root = None
        return NodeFinder(self.source, self.start, self.end, root)


class NodeFinder:
    """Finds fields in exact nodes, whose marks count characters from the start of the document's text."""

    def __init__(self, source: SourceText, start: int, end: int, root: Node | None) -> None:
        chunk = source.data[start:end]
        self._base = start
        self._end = end
        self._text = None if chunk.isascii() else chunk.decode("utf-8", "replace")
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
        if self._text is None:
            return self._base + characters
        return self._base + len(self._text[:characters].encode())
