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

MAX_COMMENTS = 1000
"""In one file. More are made by a program or to keep the scan busy: every finding of the file is held against each."""

MAX_COMMENT_BYTES = 4096
"""For one comment: a reason is a sentence."""

MAX_LINES = 100
"""In one annotation."""

# Compiled where they are needed: few scans meet a suppression, and each start would pay.
_COMMENT = rb"(?P<before>.*?)(?P<open>#|//|/\*|<!--|--|;|\{\{-?[ \t]{0,8}/\*)[ \t]*seawall:ignore(?=\s|$)(?P<text>.*)"
_IS_COMMENT = rb"[ \t]*(?:#|//|/\*|<!--|(?:--|;)(?=[ \t])|\{\{-?[ \t]{0,8}/\*)"
_TOKEN = r"""(?x)[ \t,]*(?:
        (?P<key>[A-Za-z]+)=(?:"(?P<double>(?:[^"\\]|\\.)*)"|'(?P<single>(?:[^'\\]|\\.)*)'|(?P<bare>[^\s"',][^\s"']*))(?=[\s,]|$)
        |(?P<rule>[A-Za-z0-9*?\[\]!-]+)(?=[\s,]|$)
    )"""
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
    problem: str = ""


def read_suppression(text: str) -> SuppressionText:
    """Return what `text` (without the mark) says; never raises."""
    if len(text) > MAX_COMMENT_BYTES:
        return SuppressionText(problem=f"is longer than {MAX_COMMENT_BYTES} characters")
    rules: list[str] = []
    options: dict[str, str] = {}
    problem = ""
    position = 0
    text = text.strip()
    token = re.compile(_TOKEN)
    while position < len(text):
        match = token.match(text, position)
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
    templates (``{{/* seawall:ignore … */}}``) count too, and so do those of other languages: ``//``, ``/*``, ``--``, ``;`` and
    ``<!--``. After `MAX_COMMENTS` the next one says so as its `problem`, and the
    rest are left out.
    """
    if MARK not in data:
        return
    lines = data.split(b"\n")
    found = []
    for number, line in enumerate(lines):
        match = re.match(_COMMENT, line) if MARK in line else None
        if match is not None:
            found.append((number, match))
            if len(found) > MAX_COMMENTS:
                break
    blocks = _find_blocks(lines, [number for number, _ in found])
    for index, ((number, match), (first, last)) in enumerate(zip(found, blocks, strict=True)):
        text = match["text"].rstrip(b"\r")[: MAX_COMMENT_BYTES + 1]
        closing = b"*/" if match["open"].endswith(b"/*") else b"-->" if match["open"] == b"<!--" else b""
        if closing:
            text = text.partition(closing)[0]
        yield IgnoreComment(
            line=number + 1,
            column=len(match["before"].decode("utf-8", "replace")) + 1,
            covers=first + 1,
            last=last + 1,
            text=text.decode("utf-8", "replace").strip(),
            snippet=lines[number][:MAX_COMMENT_BYTES].decode("utf-8", "replace").rstrip("\r"),
            problem=f"is one of more than {MAX_COMMENTS} in this file, and the rest is not read"
            if index == MAX_COMMENTS
            else "",
        )


def _find_blocks(lines: Sequence[bytes], comments: Sequence[int]) -> list[tuple[int, int]]:
    """Return the first and last line (from 0) that each of the lines `comments` speaks of.

    One pass, whatever the file: a block ends before the next line that is indented no deeper than its first. Comments, empty
    lines and the actions of a template at the margin end none.
    """
    firsts: dict[int, int] = {}
    wanted = set(comments)
    waiting: list[int] = []
    ends: dict[int, int] = {}
    is_open: list[tuple[int, int]] = []
    last_code = -1
    is_comment = re.compile(_IS_COMMENT)
    for number, line in enumerate(lines):
        alone = is_comment.match(line) is not None
        if alone:
            if number in wanted:
                waiting.append(number)
            continue
        if not line.strip():
            # What stands above an empty line speaks of nothing.
            firsts.update((comment, number) for comment in waiting)
            waiting = []
            continue
        starts = bool(waiting) or number in wanted
        firsts.update((comment, number) for comment in waiting)
        waiting = []
        if number in wanted:
            firsts[number] = number
        if line.startswith(b"{{"):
            continue
        indent = len(line) - len(line.lstrip(b" "))
        while is_open and is_open[-1][0] >= indent:
            ends[is_open.pop()[1]] = last_code
        last_code = number
        if starts:
            is_open.append((indent, number))
    for _, number in is_open:
        ends[number] = last_code
    firsts.update((comment, len(lines)) for comment in waiting)
    return [(firsts[comment], ends.get(firsts[comment], firsts[comment])) for comment in comments]
