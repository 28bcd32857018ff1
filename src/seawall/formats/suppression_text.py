"""The one written form of suppressions in code: comments beside it, and annotations on the object.

    # seawall:ignore privileged-container reason="manages the node's network" until=2026-12-31 owner=platform

First the rules, ids or globs, separated by commas or spaces; then options: ``reason`` (required), ``until`` (the last day on
which it holds), ``owner``, ``container`` (a glob) and ``field`` (a field path; ``*`` is any one step). A value that holds a space
stands in quotes, single or double; a backslash keeps a quote inside. An annotation holds the same text without the mark, one
suppression a line.
"""

import datetime
import re
from collections.abc import Iterator

import msgspec

from seawall.model.field_path import FieldPath, parse_field_path

MARK = b"seawall:ignore"

_COMMENT = re.compile(
    rb"(?P<before>^[^\n]*?)(?:#|\{\{-?[ \t]*/\*)[ \t]*seawall:ignore(?=\s|$)(?P<text>[^\n]*)", re.MULTILINE
)
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
    """A comment of a file: where it stands, and the line that it speaks of (its own, or the next that is no comment)."""

    line: int
    column: int
    covers: int
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
    start_line, counted = 1, 0
    for match in _COMMENT.finditer(data):
        start_line += data.count(b"\n", counted, match.start())
        counted = match.start()
        before = match["before"]
        covers = start_line
        if _ONLY_COMMENT.match(before):
            end = match.end()
            covers += 1
            while end < len(data):
                next_end = data.find(b"\n", end + 1)
                line = data[end + 1 : next_end if next_end >= 0 else len(data)]
                if not line.strip() or not _ONLY_COMMENT.match(line):
                    break
                end = next_end if next_end >= 0 else len(data)
                covers += 1
        text = _CLOSING.sub(b"", match["text"].rstrip(b"\r"))
        yield IgnoreComment(
            line=start_line,
            column=len(before.decode("utf-8", "replace")) + 1,
            covers=covers,
            text=text.decode("utf-8", "replace").strip(),
            snippet=match[0].decode("utf-8", "replace").rstrip("\r"),
        )
