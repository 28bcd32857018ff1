"""What a chart's template text says without being run: which lines can carry a mark, and which values a line reads.

To learn which template line made which rendered line, the chart is rendered a second time with a comment mark at the end of
its template lines (`mark_lines`); `helm_places` reads the marks back. The marks are used for positions only: verdicts come from
the chart as it is.
"""

import re
from bisect import bisect_right

import msgspec

MARK = re.compile(r" ?#~(\d+):(\d+)~#")
"""A mark: the number of the file, the number of the line."""

_ACTION = re.compile(r"\{\{-?\s*/\*.*?\*/\s*-?\}\}|\{\{.*?\}\}", re.DOTALL)
_WORD = re.compile(r"(if|with|range|define|block|end|else)\b")
_VALUES = re.compile(r"\$?\.Values((?:\.[A-Za-z_][A-Za-z0-9_]*)+)")
_INDEXED = re.compile(r"""\bindex\s+\$?\.Values((?:\s+"[^"]+")+)""")
_KEY = re.compile(r"\s*(?:- )*[\w./\"'-]+:(?:\s|\Z)|\s*- ")
_WRITES_YAML = re.compile(r"\|\s*n?indent\s+\d+\s*\}\}\Z")
_DOT = re.compile(r"(?<![\w)\]])\.((?:[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)?)(?![\w(])")


class Template(msgspec.Struct, frozen=True):
    """A template's lines, and the actions around each of them."""

    lines: list[str]
    markable: frozenset[int]
    scopes: list[tuple[tuple[str, str], ...]]
    """For each line the open blocks at its start, outermost first: keyword and expression."""


def read_template(text: str, *, partial: bool) -> Template:
    """Return what `text` says; `partial` is true for a file whose name starts with ``_`` (it holds definitions only)."""
    lines = text.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    inside: set[int] = set()  # lines whose end lies inside an action
    opened: list[tuple[str, str]] = []
    scopes: list[tuple[tuple[str, str], ...]] = []

    def fill(until: int) -> None:
        while len(scopes) <= until:
            scopes.append(tuple(opened))

    for match in _ACTION.finditer(text):
        first = bisect_right(starts, match.start()) - 1
        last = bisect_right(starts, match.end() - 1) - 1
        inside.update(range(first, last))
        # By hand, not in one pattern: white space without an end would be tried from each of its places.
        body = match[0][2:-2].removeprefix("-").removesuffix("-").strip()
        word = _WORD.match(body)
        if word is None:
            continue
        expression = body[word.end() :].strip()
        fill(min(first, len(lines) - 1))
        keyword = word[1]
        if keyword == "end":
            if opened:
                opened.pop()
        elif keyword == "else":
            if opened:
                opened[-1] = ("else", expression)
        else:
            opened.append((keyword, expression))
    fill(len(lines) - 1)
    markable = frozenset(
        number
        for number, line in enumerate(lines)
        if number not in inside
        # The mark stands at the end of the line: what is open there counts too.
        and _can_carry(line, scopes[number] + scopes[min(number + 1, len(scopes) - 1)], partial=partial)
    )
    return Template(lines, markable, scopes)


def _can_carry(line: str, scope: tuple[tuple[str, str], ...], *, partial: bool) -> bool:
    stripped = line.strip()
    if not stripped or stripped.startswith("---") or stripped.endswith(("-}}", "\\")):
        return False
    if partial or any(keyword in ("define", "block") for keyword, _ in scope):
        # What a definition returns may be compared or cut as a word, so only lines that are plainly YAML are marked.
        return _KEY.match(line) is not None or _WRITES_YAML.search(stripped) is not None
    return True


def mark_lines(template: Template, file_number: int) -> str:
    """Return the template's text with a mark at the end of each line that can carry one; lines count from 1."""
    return "\n".join(
        f"{line.rstrip()} #~{file_number}:{number + 1}~#" if number in template.markable else line
        for number, line in enumerate(template.lines)
    )


def is_action(line: str) -> bool:
    """Tell whether the line consists of actions only, so that all of what it renders comes out of them."""
    stripped = line.strip()
    return stripped.startswith("{{") and stripped.endswith("}}") and not _ACTION.sub("", stripped).strip()


def writes_yaml(line: str) -> bool:
    """Tell whether the line is an action that writes out YAML, such as ``{{- toYaml .Values.resources | nindent 12 }}``."""
    return is_action(line) and _WRITES_YAML.search(line.strip()) is not None


def line_of_key(template: Template, parent: int, key: str) -> int | None:
    """Return the line that would write `key` into the map that stands at line `parent` (from 1), in whatever condition.

    ``{{- with .Values.resources }}``, ``resources:`` writes nothing while the value is empty, and is the place all the same.
    """
    outer = _indent(template.lines[parent - 1])
    item = template.lines[parent - 1].lstrip().startswith("- ")
    inner = outer + 2 if item else None
    for number in range(parent, len(template.lines)):
        line = template.lines[number]
        if not line.strip() or line.lstrip().startswith(("#", "{{")):
            continue
        indent = _indent(line)
        if indent <= outer or line.startswith("---"):
            return None
        inner = indent if inner is None else inner
        if indent == inner and re.match(rf"[\"']?{re.escape(key)}[\"']?\s*:", line.lstrip()):
            return number + 1
    return None


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def values_around(template: Template, number: int) -> list[tuple[str, ...]]:
    """Return the paths below ``.Values`` on which it depends whether line `number` (from 1) is written, the nearest first."""
    scope = template.scopes[number - 1]
    paths = []
    for depth in range(len(scope), 0, -1):
        keyword, expression = scope[depth - 1]
        if keyword == "with" and (base := _dot_path(scope[:depth])):
            paths.append(base)
        elif keyword in ("if", "with"):
            paths += [tuple(match[1].split(".")[1:]) for match in _VALUES.finditer(expression)]
    return paths


def values_read(template: Template, number: int) -> list[tuple[str, ...]]:
    """Return the paths below ``.Values`` that line `number` (from 1) reads, in their order; ``with`` is followed."""
    line = template.lines[number - 1]
    paths = [tuple(match[1].split(".")[1:]) for match in _VALUES.finditer(line)]
    paths += [tuple(re.findall(r'"([^"]+)"', match[1])) for match in _INDEXED.finditer(line)]
    base = _dot_path(template.scopes[number - 1])
    if base:
        for action in _ACTION.findall(line):
            body = re.sub(r'"[^"]*"|\$\.[\w.]+|\.Values[\w.]*', " ", action[2:-2])
            if re.match(r"-?\s*(?:if|with|range|define|block|end|else|include|template)\b", body):
                continue
            paths += [(*base, *(part for part in match[1].split(".") if part)) for match in _DOT.finditer(body)]
    return list(dict.fromkeys(paths))


def _dot_path(scope: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    """Return the path of ``.`` below ``.Values`` inside the open blocks, empty where it cannot be told."""
    base: tuple[str, ...] = ()
    for keyword, expression in scope:
        if keyword == "range" or keyword in ("define", "block"):
            base = ()
        elif keyword == "with":
            absolute = re.fullmatch(r"\$?\.Values((?:\.[A-Za-z_]\w*)+)", expression)
            relative = re.fullmatch(r"((?:\.[A-Za-z_]\w*)+)", expression)
            if absolute:
                base = tuple(absolute[1].split(".")[1:])
            elif relative and base:
                base = (*base, *relative[1].split(".")[1:])
            else:
                base = ()
    return base
