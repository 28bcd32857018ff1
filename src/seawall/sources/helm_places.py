"""From rendered text back to the chart: which template line made a rendered line.

Both renderings, as it is and with marks (`helm_templates`), are cut into the documents of each template and paired. A rendered
line that carries a mark is exact; the lines that an action wrote out belong to that action's line; all others to the nearest
line above that is known, and the place says that it is not exact. Where the marked chart does not render, literal text is
matched instead.
"""

import difflib
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from seawall.formats.kubernetes_yaml import Document
from seawall.model.field_path import FieldPath, value_at
from seawall.model.resource import Location, Place
from seawall.sources.helm_chart import ChartFile
from seawall.sources.helm_templates import (
    MARK,
    Template,
    is_action,
    line_of_key,
    mark_lines,
    read_template,
    values_around,
    values_read,
    writes_yaml,
)
from seawall.sources.helm_values import ValuesOrigins

_SOURCE = re.compile(r"# Source: (\S.*?)\s*\Z")
_TEMPLATE = re.compile(r"(?:^|/)templates/.*\.(?:ya?ml|tpl|json)\Z")
_CRD = re.compile(r"(?:^|/)crds/")
# Matching two texts line by line is quadratic at worst. This many pairs of lines in a chart take seconds; documents beyond it are
# pointed at as a whole. A document of 300 lines needs 90,000, and only where its two renderings differ in length.
_MAX_PAIRS = 20_000_000


class Segment(msgspec.Struct, frozen=True):
    """A document in rendered text: the path that helm gives as its source, its lines, the number of the first."""

    source: str
    first: int
    lines: list[str]


class Spot(msgspec.Struct, frozen=True):
    """A line of a chart's file. `exact` is false for the nearest line that is known."""

    path: str
    line: int
    exact: bool


def cut(text: str) -> Iterator[Segment]:
    """Yield the documents of ``helm template``'s output that hold anything; lines count from 1."""
    source, first = "", 1
    lines: list[str] = []
    for number, line in enumerate(text.split("\n"), 1):
        if line.startswith("---"):
            if any(MARK.sub("", held).strip() for held in lines):
                yield Segment(source, first, lines)
            first, lines = number + 1, []
            continue
        match = _SOURCE.match(line)
        if match and not any(held.strip() for held in lines):
            source, first, lines = match[1], number + 1, []
            continue
        lines.append(line)
    if any(MARK.sub("", held).strip() for held in lines):
        yield Segment(source, first, lines)


class RenderedChart:
    """One rendering of a chart; finds the origins of its lines when first asked.

    `load` gives the chart's files, `render_marked` the text of the chart with other template texts (None where helm refuses).
    """

    def __init__(
        self,
        *,
        shown: str,
        text: str,
        load: Callable[[], Mapping[str, ChartFile]],
        render_marked: Callable[[Mapping[str, bytes]], str | None],
        values: Callable[[Mapping[str, ChartFile]], ValuesOrigins],
    ) -> None:
        self._shown = shown
        self._segments = list(cut(text))
        self._load = load
        self._render_marked = render_marked
        self._values = values
        self._spots: dict[int, Spot] | None = None
        self._files: Mapping[str, ChartFile] = {}
        self._templates: dict[str, Template] = {}
        self._origins: ValuesOrigins | None = None
        self._pairs_left = _MAX_PAIRS

    def place(self, document: Document, field: FieldPath) -> Place:
        """Return the place in the chart of `field` of the rendered `document`."""
        rendered = document.locate(field)
        if self._spots is None:
            self._spots = self._find_spots()
        spot = self._spots.get(rendered.location.line)
        file = self._files.get(spot.path) if spot else None
        if spot is None or file is None:
            note = "the template line cannot be told; the text is what helm rendered"
            return Place(Location(self._shown, 1, 1, 1, 1), rendered.evidence, f"{rendered.snippet}\n# {note}")
        template = self._template(spot.path)
        value = value_at(document.value, field)
        absent = _first_absent(document.value, field) if value is None else None
        if absent is not None and spot.line <= len(template.lines):
            written = line_of_key(template, spot.line, absent)
            spot = spot if written is None else Spot(spot.path, written, spot.exact)
        text = template.lines[spot.line - 1] if spot.line <= len(template.lines) else ""
        start, end = _columns(text, field)
        snippet = text.rstrip()
        notes = []
        values = self._value_names(spot, template, field, value)
        if values:
            notes.append(f"{'set it in' if value is None else 'from'} {', '.join(values)}")
        if not spot.exact:
            notes.append("rendered from here; the exact line cannot be told")
        if notes:
            snippet = f"{snippet}\n# {'; '.join(notes)}"
        return Place(Location(file.shown, spot.line, start, spot.line, end), rendered.evidence, snippet)

    def source_of(self, line: int) -> str:
        """Return the path to show for the rendered `line`: that of its template, or of the chart."""
        index = bisect_right(self._segments, line, key=_first_line) - 1
        if index < 0:
            return self._shown
        path = self._segments[index].source.partition("/")[2]
        return path if self._shown == "." else f"{self._shown}/{path}"

    def _value_names(self, spot: Spot, template: Template, field: FieldPath, value: Any) -> list[str]:
        if spot.line > len(template.lines):
            return []
        paths = values_read(template, spot.line)
        if value is None and not paths:
            # An absent field belongs into the map that the next line writes out, or that was not written for want of a value.
            following = template.lines[spot.line] if spot.line < len(template.lines) else ""
            paths = values_read(template, spot.line + 1) if writes_yaml(following) else []
            paths = paths or values_around(template, spot.line)[:1]
        if not paths:
            return []
        if self._origins is None:
            self._origins = self._values(self._files)
        return self._origins.name(spot.path, paths, field, value)

    def _template(self, path: str) -> Template:
        if path not in self._templates:
            text = self._files[path].data.decode("utf-8", "replace")
            partial = path.rpartition("/")[2].startswith("_")
            self._templates[path] = read_template(text, partial=partial)
        return self._templates[path]

    def _find_spots(self) -> dict[int, Spot]:
        self._files = self._load()
        numbered = sorted(path for path in self._files if _TEMPLATE.search(path) and not path.endswith("NOTES.txt"))
        marked = {path: mark_lines(self._template(path), number).encode() for number, path in enumerate(numbered)}
        text = self._render_marked(marked)
        twins: dict[str, list[Segment]] = {}
        if text is not None:
            for segment in cut(text):
                twins.setdefault(segment.source, []).append(segment)
        spots: dict[int, Spot] = {}
        for segment in self._segments:
            path = self._path_of(segment.source)
            if path is not None and _CRD.search(path) and not _TEMPLATE.search(path):
                self._copy_lines(segment, path, spots)
                continue
            others = twins.get(segment.source)
            twin = others.pop(0) if others else None
            if twin is not None:
                self._read_marks(segment, twin, numbered, spots)
            elif path is not None:
                self._match_text(segment, path, spots)
        return spots

    def _path_of(self, source: str) -> str | None:
        """Return the chart's file for helm's ``name/charts/sub/templates/x.yaml``; a subchart may stand under an alias."""
        path = source.partition("/")[2]
        if path in self._files:
            return path
        tail = path.rpartition("charts/")[2].partition("/")[2]
        candidates = sorted(known for known in self._files if tail and known.endswith(f"/{tail}"))
        return candidates[0] if len(candidates) == 1 else None

    def _copy_lines(self, segment: Segment, path: str, spots: dict[int, Spot]) -> None:
        """A CRD is printed as it is: find the segment's text in the file."""
        whole = self._template(path).lines
        wanted = [line for line in segment.lines if line.strip()]
        for start in range(len(whole)):
            if (
                whole[start] == wanted[0]
                and whole[start : start + 3] == segment.lines[segment.lines.index(wanted[0]) :][:3]
            ):
                offset = start - segment.lines.index(wanted[0])
                for index in range(len(segment.lines)):
                    spots[segment.first + index] = Spot(path, index + offset + 1, True)
                return

    def _read_marks(self, segment: Segment, twin: Segment, numbered: list[str], spots: dict[int, Spot]) -> None:
        plain = [(segment.first + index, line.rstrip()) for index, line in enumerate(segment.lines) if line.strip()]
        marked = [
            (stripped, [(int(file), int(line)) for file, line in MARK.findall(raw)])
            for raw in twin.lines
            if (stripped := MARK.sub("", raw).rstrip())
        ]
        if len(plain) == len(marked):
            pairs = [(index, index) for index in range(len(plain))]
        elif not self._may_compare(len(plain), len(marked)):
            return
        else:
            matcher = difflib.SequenceMatcher(
                None, [line for _, line in plain], [line for line, _ in marked], autojunk=False
            )
            pairs = [(a + step, b + step) for a, b, size in matcher.get_matching_blocks() for step in range(size)]
        found: dict[int, tuple[int, int]] = {left: marked[right][1][0] for left, right in pairs if marked[right][1]}
        following: tuple[int, int] | None = None
        from_below: dict[int, tuple[int, int]] = {}
        for index in range(len(plain) - 1, -1, -1):
            following = found.get(index, following)
            if following is not None:
                from_below[index] = following
        above: tuple[int, int] | None = None
        for index, (number, _) in enumerate(plain):
            own, below = found.get(index), from_below.get(index)
            if own is not None:
                above = own
                spots[number] = Spot(numbered[own[0]], own[1], True)
            elif below is not None and self._writes_out(numbered[below[0]], below[1]):
                spots[number] = Spot(numbered[below[0]], below[1], True)
            elif (nearest := above or below) is not None:
                spots[number] = Spot(numbered[nearest[0]], nearest[1], False)

    def _may_compare(self, left: int, right: int) -> bool:
        self._pairs_left -= left * right
        return self._pairs_left >= 0

    def _writes_out(self, path: str, line: int) -> bool:
        lines = self._template(path).lines
        return line <= len(lines) and is_action(lines[line - 1])

    def _match_text(self, segment: Segment, path: str, spots: dict[int, Spot]) -> None:
        """Match the literal text of the template's lines, in their order."""
        literals = [(line.partition("{{")[0].rstrip(), line) for line in self._template(path).lines]
        if not self._may_compare(len(segment.lines), len(literals)):
            return
        pointer = known = 0
        for index, line in enumerate(segment.lines):
            for candidate in range(pointer, len(literals)):
                literal, whole = literals[candidate]
                if literal.strip() and (line.rstrip() == literal or ("{{" in whole and line.startswith(literal))):
                    pointer, known = candidate + 1, candidate + 1
                    break
            else:
                if known:
                    spots[segment.first + index] = Spot(path, known, False)
                continue
            spots[segment.first + index] = Spot(path, known, True)


class TemplateOrigin(msgspec.Struct, frozen=True, eq=False):
    """The origin of a rendered resource: the chart that made it."""

    path: str
    document: Document
    chart: RenderedChart

    def locate(self, field: FieldPath) -> Place:
        """Return the place of `field` in the template, with the values key where it can be told."""
        return self.chart.place(self.document, field)


def _first_line(segment: Segment) -> int:
    return segment.first


def _first_absent(value: Any, field: FieldPath) -> str | None:
    """Return the first key of the path `field` that is not there, None where that is the element of a list."""
    for size in range(1, len(field) + 1):
        if value_at(value, field[:size]) is None:
            step = field[size - 1]
            return step if isinstance(step, str) else None
    return None


def _columns(text: str, field: FieldPath) -> tuple[int, int]:
    """Return the columns of the field's key in a template line, or of the whole line where the key is not in it."""
    end = len(text.rstrip()) + 1
    keys = [step for step in field if isinstance(step, str)]
    if keys:
        match = re.search(rf"(?<![\w.-])[\"']?{re.escape(keys[-1])}[\"']?\s*:", text)
        if match:
            return match.start() + 1, end
    return len(text) - len(text.lstrip()) + 1, max(end, 1)
