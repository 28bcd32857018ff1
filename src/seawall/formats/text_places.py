"""Places in a text whose parser says where each field stands: Dockerfiles, Terraform, source code.

origin = TextOrigin("Dockerfile", text.splitlines(), {("user",): Span(3, 6, 3, 10)})
origin.locate(("user",)).evidence    # what stands there
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from seawall.model.field_path import FieldPath
from seawall.model.resource import Location, Place

MAX_EVIDENCE = 4096
"""Characters of a value that a report shows."""

MAX_SNIPPET_LINES = 8


class Span(NamedTuple):
    """From a line and column to another, both counted from 1 in characters; the end is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


class TextOrigin(msgspec.Struct, frozen=True):
    """The `lines` of the file at `path`, without their ends, and the `spans` of the fields that stand in it.

    The empty field path is the whole thing; where it has no span it is the beginning of the file. With `secret` neither text nor
    line is shown.
    """

    path: str
    lines: Sequence[str]
    spans: Mapping[FieldPath, Span]
    secret: bool = False

    def locate(self, field: FieldPath) -> Place:
        """Return the place of `field`, or of its nearest parent that has one."""
        known = field
        while known and known not in self.spans:
            known = known[:-1]
        span = self.spans.get(known, Span(1, 1, 1, 1))
        location = Location(self.path, *span)
        if self.secret:
            return Place(location, None, "")
        evidence = self._text(span)[:MAX_EVIDENCE] if known == field else None
        last = min(span.end_line, span.line + MAX_SNIPPET_LINES - 1)
        return Place(location, evidence, "\n".join(self.lines[span.line - 1 : last])[:MAX_EVIDENCE])

    def _text(self, span: Span) -> str:
        lines = list(self.lines[span.line - 1 : span.end_line])
        if not lines:
            return ""
        if span.end_line - span.line + 1 == len(lines):
            lines[-1] = lines[-1][: span.end_column - 1]
        lines[0] = lines[0][span.column - 1 :]
        return "\n".join(lines)
