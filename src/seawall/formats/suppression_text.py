"""The one written form of suppressions in code: comments beside it, and annotations on the object.

    # seawall:ignore privileged-container reason="manages the node's network" until=2026-12-31 owner=platform

First the rules, ids or globs, separated by commas or spaces; then options: ``reason`` (required), ``until`` (the last day on
which it holds), ``owner``, ``container`` (a glob) and ``field`` (a field path; ``*`` is any one step). A value that holds a space
stands in quotes, single or double; a backslash keeps a quote inside. An annotation holds the same text without the mark, one
suppression a line.
"""

import datetime
import re
from collections.abc import Iterator, Sequence

import msgspec

from seawall.model.field_path import FieldPath, parse_field_path

MARK = b"seawall:ignore"

_COMMENT = re.compile(rb"(?P<before>.*?)(?:#|\{\{-?[ \t]*/\*)[ \t]*seawall:ignore(?=\s|$)(?P<text>.*)")
_IS_COMMENT = re.compile(rb"[ \t]*(?:#|\{\{-?[ \t]*/\*)")
_ONLY_COMMENT = re.compile(rb"[ \t]*(?:#|$|\{\{-?[ \t]*/\*)")
_CLOSING = re.compile(rb"[ \t]*(?:\*/[ \t]*-?\}\}|#[ \t]*seawall:ignore\s.*)[ \t]*$")
_TOKEN = re.compile(
    r"""[ \t,]*(?:
        (?P<key>[A-Za-z]+)=(?:"(?P<double>(?:[^"\\]|\\.)*)"|'(?P<single>(?:[^'\\]|\\.)*)'|(?P<bare>[^\s"',][^\s"']*))(?=[\s,]|$)
        |(?P<rule>[A-Za-z0-9*?\[\]!-]+)(?=[\s,]|$)
    )""",
    re.VERBOSE,
)
_OPTIONS = ("reason", "until", "owner", "container", "field")


class SuppressionText(msgspec.Struct, frozen=True, kw_only=True):
    """What one line says. `problem` is a sentence where it does not follow the form; the rest is what could be read."""

    rules: tuple[str, ...] = ()
    reason: str = ""
    owner: str = ""
    expires: datetime.date | None = None
    container: str = ""
    fields: tuple[FieldPath, ...] = ()
    problem: str = ""


class IgnoreComment(msgspec.Struct, frozen=True):
    """A comment of a file: where it stands, and the lines that it speaks of.

    They start with its own line, or the next that is no comment where it stands alone, and go on as long as the text is
    indented deeper: the block of that key or list item.
    """

    line: int
    column: int
    covers: int
    last: int
    text: str
    snippet: str


def read_suppression(text: str) -> SuppressionText:
    """Return what `text` (without the mark) says; never raises."""
    rules: list[str] = []
    options: dict[str, str] = {}
    problem = ""
    position = 0
    text = text.strip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            problem = f"cannot be read from {text[position:].strip()[:40]!r} on"
            break
        position = match.end()
        if match["rule"] is not None:
            rules.append(match["rule"])
            continue
        name = match["key"]
        if name not in _OPTIONS:
            problem = problem or f"has no option {name!r}; there are {', '.join(_OPTIONS)}"
        elif name in options:
            problem = problem or f"gives {name} twice"
        quoted = match["double"] if match["double"] is not None else match["single"]
        options[name] = match["bare"] if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
    if not rules:
        problem = problem or "names no rule"
    expires = None
    if "until" in options:
        try:
            expires = datetime.date.fromisoformat(options["until"])
        except ValueError:
            problem = problem or f"says until={options['until']}, which is no date like 2026-12-31"
    fields: tuple[FieldPath, ...] = ()
    if options.get("field"):
        try:
            fields = (parse_field_glob(options["field"]),)
        except ValueError as error:
            problem = problem or f"has a field that is no path: {error}"
    return SuppressionText(
        rules=tuple(rules),
        reason=options.get("reason", "").strip(),
        owner=options.get("owner", ""),
        expires=expires,
        container=options.get("container", ""),
        fields=fields,
        problem=problem,
    )


def parse_field_glob(text: str) -> FieldPath:
    """Return the path that `text` writes, in which a step ``*`` (``containers[*]``, ``['*']``, ``.*``) stands for any one step.

    Raises `ValueError` where it is no path.
    """
    path = parse_field_path(re.sub(r"\[\*\]|\.\*(?=[.\[]|$)", "['*']", text))
    if not path:
        raise ValueError("it is empty")
    return path


def ignore_comments(data: bytes) -> Iterator[IgnoreComment]:
    """Yield the comments of a file that are suppressions. Nothing is done for a file that has not got the mark.

    A comment starts with the mark (``# seawall:ignore``); text that only mentions it is none. The comments of Helm
    templates (``{{/* seawall:ignore … */}}``) count too.
    """
    if MARK not in data:
        return
    lines = data.split(b"\n")
    for number, text in enumerate(lines, 1):
        match = _COMMENT.match(text) if MARK in text else None
        if match is None:
            continue
        covers = number
        if _ONLY_COMMENT.match(match["before"]):
            covers += 1
            while covers <= len(lines) and _IS_COMMENT.match(lines[covers - 1]):
                covers += 1
        yield IgnoreComment(
            line=number,
            column=len(match["before"].decode("utf-8", "replace")) + 1,
            covers=covers,
            last=_end_of_block(lines, covers),
            text=_CLOSING.sub(b"", match["text"].rstrip(b"\r")).decode("utf-8", "replace").strip(),
            snippet=text.decode("utf-8", "replace").rstrip("\r"),
        )


def _end_of_block(lines: Sequence[bytes], first: int) -> int:
    """Return the last of the lines, counted from 1, that belong to what starts on the line `first`, by their indentation.

    Comments, empty lines and the actions of a template at the margin do not end a block.
    """
    if first > len(lines) or not lines[first - 1].strip():
        return first
    indent = _indent(lines[first - 1])
    last = first
    for number in range(first + 1, len(lines) + 1):
        line = lines[number - 1]
        if not line.strip() or _IS_COMMENT.match(line) or line.startswith(b"{{"):
            continue
        if _indent(line) <= indent:
            break
        last = number
    return last


def _indent(line: bytes) -> int:
    return len(line) - len(line.lstrip(b" "))
