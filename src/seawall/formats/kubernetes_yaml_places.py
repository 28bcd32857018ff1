"""The places of one document: lines, columns, evidence and the source line of its fields, computed when they are asked for.

``kubernetes_yaml_fast_places`` finds the fields of plain documents, ``kubernetes_yaml_spans`` those of all others.
"""

import re
from enum import Enum, auto
from typing import Any

from seawall.formats.kubernetes_yaml_fast import Marks
from seawall.formats.kubernetes_yaml_fast_places import PlainFinder
from seawall.formats.kubernetes_yaml_nodes import compose
from seawall.formats.kubernetes_yaml_spans import NodeFinder, Span, SpanFinder
from seawall.formats.kubernetes_yaml_text import MOST_LOOKED_AT, SourceText
from seawall.model.field_path import FieldPath
from seawall.model.resource import Place

_PROPERTIES = re.compile(rb"(?:[&!][^\s,\[\]{}]*\s+)+")  # an anchor or a tag in front of a value
_CONTENT = re.compile(rb"^[ \t]*(?=[^\s#])", re.MULTILINE)


class Form(Enum):
    """How a document was read, and so how its fields are found."""

    PLAIN = auto()
    JSON = auto()
    ANY = auto()


class Places:
    """The places of one document, whose text stands from `start` to `end` in the file."""

    __slots__ = ("_marks", "_value", "end", "form", "source", "start")

    def __init__(
        self, source: SourceText, start: int, end: int, value: Any, form: Form, marks: Marks | None = None
    ) -> None:
        self.source = source
        self.start = start
        self.end = end
        self._value = value
        self._marks = marks or []
        self.form = form

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
        if self.form is Form.PLAIN:
            quick: Place | None = finder.find_in_lines(field)
            if quick is not None:
                return quick
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
        tail = data[max(start, end - MOST_LOOKED_AT) : end]
        end -= len(tail) - len(tail.rstrip())
        evidence = data[start : min(end, start + MOST_LOOKED_AT)].rstrip()
        return self.source.place(span.start, min(span.end, max(span.start, end)), evidence)

    def _make_finder(self) -> SpanFinder:
        if self.form is Form.PLAIN:
            return PlainFinder(self.source, self.start, self.end, self._value, self._marks)
        if self.form is Form.JSON:
            from seawall.formats.kubernetes_json_places import JsonFinder  # few files are JSON

            return JsonFinder(self.source.data, self.start, self.end)
        text = self.source.data[self.start : self.end].decode("utf-8", "replace")
        return NodeFinder(self.source, self.start, self.end, compose(text))
