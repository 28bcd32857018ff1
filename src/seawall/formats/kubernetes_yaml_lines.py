"""What one line of a plain manifest says, read once for each different line.

Nearly all manifests are written in a small part of YAML: block maps and lists, one entry a line, scalars and small flow
collections that end where their line ends. In that part a line means the same wherever it stands; only its indentation says
what it belongs to. So a line is read once and remembered (manifests repeat their lines a great deal), and
``kubernetes_yaml_fast`` puts the lines together.

`read_line` is exact or says `OTHER`: whatever could mean something else in another context (anchors, aliases, tags, merge keys,
tabs, text that goes on on the next line, keys that are no strings …) is left to the exact reader. Scalars and flow collections
get their values from the exact reader's own functions, so the two cannot disagree about them.
"""

import re
from typing import Any, TypeAlias

from seawall.formats.kubernetes_yaml_nodes import YamlError, compose, construct
from seawall.formats.kubernetes_yaml_scalars import ScalarError, resolve_key, resolve_plain

Token: TypeAlias = tuple[int, int, str, Any, int]
"""Kind, column, key, value, and the column of a key that stands behind a dash.

A column is that of the line's first character; for a line that starts with a dash it is ``~column``, a negative number: a
list and a map at the same column are told apart by one comparison.
"""

PAIR = 0  # key: scalar
OPEN = 1  # key:
DASH_PAIR = 2  # - key: scalar
DASH_OPEN = 3  # - key:
DASH_SCALAR = 4  # - scalar
DASH = 5  # -
SPECIAL = 6  # from here on: `value` is a Special
SPECIAL_PAIR, SPECIAL_DASH_PAIR, SPECIAL_DASH = 6, 7, 8
BLANK = 9  # nothing, or a comment
OTHER = 10  # not for this reader

NOWHERE = 1 << 40  # the column of lines that have none
MAX_KEY = 250  # libyaml takes keys of up to 1,024 characters
MAX_FLOW_DEPTH = 40
MAX_REMEMBERED_LINE = 240
MAX_REMEMBERED = 1 << 15  # lines; at about 400 bytes each 13 MB

# What libyaml calls printable, without tabs and without the line breaks of YAML 1.1 that people do not see (NEL, LS, PS).
_ODD = re.compile("[^ -~\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_KEY = (
    rf"""(?P<key>[A-Za-z0-9_./$~+][A-Za-z0-9_./$~+@-]{{0,{MAX_KEY}}}|"[^"\\]{{1,{MAX_KEY}}}"|'[^']{{1,{MAX_KEY}}}')"""
)
_LINE = re.compile(
    rf"(?P<indent> *)(?P<dash>-(?: +|\Z))?(?:{_KEY}:(?: +(?P<value>[^ ].*)?|\Z)|(?P<scalar>[^ ].*)?)\Z", re.DOTALL
)
_END = re.compile(r" *(?:(?<= )#.*)?\Z", re.DOTALL)
_DOUBLE_QUOTED = re.compile(r'"([^"\\]*)"')
_SINGLE_QUOTED = re.compile(r"'([^']*)'(?!')")
_BLOCK = re.compile(r"([|>][-+]?)(?: +#.*)?\Z", re.DOTALL)
_NOT_PLAIN = frozenset("-?:,[]{}#&*!|>'\"%@`")

_BLANK: Token = (BLANK, NOWHERE, "", None, 0)
_OTHER: Token = (OTHER, NOWHERE, "", None, 0)


class Special:
    """A value that the line alone does not give as it is: a flow collection, of which each document gets its own copy, null,
    or the header of a block scalar."""

    __slots__ = ("header", "nulls", "value")

    def __init__(self, value: Any, header: str = "") -> None:
        self.value = value
        self.header = header
        self.nulls = not header and (value is None or _holds_null(value))


def _holds_null(value: Any) -> bool:
    if type(value) is dict:
        return any(inner is None or _holds_null(inner) for inner in value.values())
    return type(value) is list and any(map(_holds_null, value))


class _OtherError(Exception):
    """The line is not in the plain part of YAML."""


def read_line(line: str, known: dict[str, Token]) -> Token:
    """Return what `line` (without its end) says, and remember it in `known`."""
    try:
        token = _read(line)
    except (_OtherError, YamlError, ScalarError):
        token = _OTHER
    if len(line) <= MAX_REMEMBERED_LINE:
        if len(known) >= MAX_REMEMBERED:
            known.clear()
        known[line] = token
    return token


def _read(line: str) -> Token:
    if not (line.isascii() and line.isprintable()) and _ODD.search(line):
        raise _OtherError
    stripped = line.lstrip(" ")
    if not stripped or stripped[0] == "#":
        return _BLANK
    match = _LINE.match(line)
    if match is None:
        raise _OtherError
    indent, dash, written, value, scalar = match.groups()
    column = len(indent)
    inner = column if dash is None else column + len(dash)
    if written is None:
        if dash is None:
            raise _OtherError
        if scalar is None or scalar[0] == "#":
            return DASH, ~column, "", None, 0
        content = _value(scalar)
        return (SPECIAL_DASH if type(content) is Special else DASH_SCALAR), ~column, "", content, 0
    key = _key(written)
    if value is None or value[0] == "#":
        return (OPEN, column, key, None, 0) if dash is None else (DASH_OPEN, ~column, key, None, inner)
    content = _value(value)
    if type(content) is Special:
        return (
            (SPECIAL_PAIR, column, key, content, 0)
            if dash is None
            else (SPECIAL_DASH_PAIR, ~column, key, content, inner)
        )
    return (PAIR, column, key, content, 0) if dash is None else (DASH_PAIR, ~column, key, content, inner)


def _key(written: str) -> str:
    if written[0] in "\"'":
        return written[1:-1]
    if resolve_key(written) != written:
        raise _OtherError
    return written


def _value(text: str) -> Any:
    """Return the value that `text` is, up to the end of its line."""
    first = text[0]
    if first == '"' or first == "'":
        match = (_DOUBLE_QUOTED if first == '"' else _SINGLE_QUOTED).match(text)
        if match is None:
            return _compose(text)
        if not _END.match(text, match.end()):
            raise _OtherError
        return match[1]
    if first in "[{":
        return Special(_compose(text))
    if first in "|>":
        match = _BLOCK.match(text.rstrip(" "))
        if match is None:
            raise _OtherError
        return Special(None, match[1])
    if first in _NOT_PLAIN and (first != "-" or text[1:2] in ("", " ")):
        raise _OtherError
    plain = text.partition(" #")[0].rstrip(" ")
    if ": " in plain or plain[-1] == ":":
        raise _OtherError
    value = resolve_plain(plain)
    return Special(None) if value is None else value


def _compose(text: str) -> Any:
    """Return the value of the quoted scalar or flow collection that is the whole of `text`, read by the exact reader."""
    if text.count("[") + text.count("{") > MAX_FLOW_DEPTH:
        raise _OtherError
    root = compose(text)
    # A root in block style is a key: `"a": b`. The reader stops behind the root, so that the rest is ours to judge.
    if root is None or not (root.flow or (root.text is not None and not root.plain)) or not _END.match(text, root.end):
        raise _OtherError
    return construct(root)
