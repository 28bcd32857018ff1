"""The places of one document: lines, columns, evidence and the source line of its fields, computed when they are asked for.

``kubernetes_yaml_fast_places`` finds the fields of plain documents, ``kubernetes_yaml_spans`` those of all others.
"""

import re
from typing import Any

from seawall.formats.kubernetes_yaml_fast_places import PlainFinder
from seawall.formats.kubernetes_yaml_nodes import YamlError, compose
from seawall.formats.kubernetes_yaml_spans import NodeFinder, Span, SpanFinder
from seawall.formats.kubernetes_yaml_text import SourceText
from seawall.model.field_path import FieldPath
from seawall.model.resource import Place

_PROPERTIES = re.compile(rb"(?:[&!][^\s,\[\]{}]*\s+)+")  # an anchor or a tag in front of a value
_CONTENT = re.compile(rb"^[ \t]*(?=[^\s#])", re.MULTILINE)


class Places:
    """The places of one document, whose text stands from `start` to `end` in the file."""

    __slots__ = ("_plain", "_value", "end", "source", "start")

    def __init__(self, source: SourceText, start: int, end: int, value: Any, *, plain: bool) -> None:
        self.source = source
        self.start = start
        self.end = end
        self._value = value
        self._plain = plain

    @property
    def is_plain(self) -> bool:
        """Whether the document was read the fast way."""
        return self._plain

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
        source = self.source
        # Fields are asked for document by document: the finder of one is kept, not those of thousands. Absent fields share the
        # place of their parent.
        owner, finder, places = source.finder
        if owner is not self:
            finder, places = self._make_finder(), {}
            source.finder = (self, finder, places)
        span = finder.find(field)
        place: Place | None = places.get(span)
        if place is None:
            place = places[span] = self._place(span)
        return place

    def _place(self, span: Span) -> Place:
        if span.value is None:
            return self.source.place(span.start, span.end, None)
        start, end = span.value
        data = self.source.data
        if data[start : start + 1] in (b"&", b"!"):
            match = _PROPERTIES.match(data, start, end)
            start = match.end() if match else start
        evidence = data[start:end].rstrip()
        return self.source.place(span.start, min(span.end, max(span.start, start + len(evidence))), evidence)

    def _make_finder(self) -> SpanFinder:
        if self._plain:
            return PlainFinder(self.source, self.start, self.end, self._value)
        text = self.source.data[self.start : self.end].decode("utf-8", "replace")
        try:
            root = compose(text)
        except YamlError:  # JSON that libyaml does not take: only the document's own place is known
            root = None
        return NodeFinder(self.source, self.start, self.end, root)
