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

from seawall.formats.kubernetes_yaml_nodes import Node, YamlError, compose, construct
from seawall.formats.kubernetes_yaml_scalars import WORDS, ScalarError, resolve_key, resolve_plain
from seawall.formats.kubernetes_yaml_simple import simple_flow, unescape

Token: TypeAlias = tuple[int, int, str, Any, int]
"""Kind, place, key, value, and the place of a key that stands behind a dash.

A place tells to which open collection a line belongs: twice the column of its first character, and one more for a dash. So a map
and a list at the same column are two places, and the list is the inner one, as it is where it is the value of a key of the map.
Lines that begin nothing have the place NOWHERE, further in than any.
"""

PAIR = 0  # key: scalar
OPEN = 1  # key:
DASH_PAIR = 2  # - key: scalar
DASH_OPEN = 3  # - key:
DASH_SCALAR = 4  # - scalar
DASH = 5  # -
SPECIAL = 6  # from here on: `value` is a Special
SPECIAL_PAIR, SPECIAL_DASH_PAIR, SPECIAL_DASH = 6, 7, 8
BLANK = 9  # nothing, or a comment; from here on: the place is NOWHERE
TEXT = 10  # a scalar or a flow collection alone; the last number is its column
OTHER = 11  # not for this reader

NOWHERE = 1 << 40
MAX_KEY = 250  # libyaml takes keys of up to 1,024 characters
MAX_FLOW_DEPTH = 40
MAX_FLOW_LINE = 1 << 16  # what is longer is read by the exact reader alone, not twice
MAX_REMEMBERED_LINE = 240
MAX_REMEMBERED = 1 << 15  # lines; at about 400 bytes each 13 MB

# What libyaml calls printable, without tabs and without the line breaks of YAML 1.1 that people do not see (NEL, LS, PS).
# Compiled when the first such line is met: so large a set of characters takes longer than most scans.
_ODD = "[^ -~\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
_PLAIN_KEY = r"""[A-Za-z0-9_./$~+](?:[A-Za-z0-9_./$~+@{}",=()-]|:(?=[^ ]))"""
_KEY = (
    rf"""(?P<key>{_PLAIN_KEY}{{0,{MAX_KEY}}}"""
    rf"""|"[^"\\]{{0,{MAX_KEY}}}"|'[^']{{0,{MAX_KEY}}}')"""
)
_LINE = re.compile(
    rf"(?P<indent> *)(?P<dash>-(?: +|\Z))?(?:{_KEY}:(?: +(?P<value>[^ ].*)?|\Z)|(?P<scalar>[^ ].*)?)\Z", re.DOTALL
)
# Three of four lines: a key, or a dash, and a word that begins with a letter or a slash: a string unless it is one of `WORDS`.
_SIMPLE_WORD = "[A-Za-z/][A-Za-z0-9_./@-]*(?::[A-Za-z0-9_./@-]+)*"
_SIMPLE_LINE = re.compile(
    rf"( *)(?:(- +)?([A-Za-z_][A-Za-z0-9_./-]{{0,250}}):(?: ({_SIMPLE_WORD}))?|- +({_SIMPLE_WORD}))\Z"
)
_END = re.compile(r" *(?:(?<= )#.*)?\Z", re.DOTALL)
_DOUBLE_QUOTED = re.compile(r'"([^"\\]*(?:\\.[^"\\]*)*)"')
_SINGLE_QUOTED = re.compile(r"'([^']*(?:''[^']*)*)'(?!')")
_BLOCK = re.compile(r"([|>][-+]?)(?: +#.*)?\Z", re.DOTALL)
_NOT_PLAIN = frozenset("-?:,[]{}#&*!|>'\"%@`")

_KEYS: dict[str, str] = {}  # plain keys that were seen before

_BLANK: Token = (BLANK, NOWHERE, "", None, 0)
_OTHER: Token = (OTHER, NOWHERE, "", None, 0)


class Special:
    """A value that the line alone does not give as it is: a flow collection, of which each document gets its own copy; null; the
    `header` of a block scalar; or the `start` of a scalar in quotes or a flow collection that is closed on a later line."""

    __slots__ = ("header", "start", "value")

    def __init__(self, value: Any = None, *, header: str = "", start: str = "") -> None:
        self.value = value
        self.header = header
        self.start = start

    @property
    def is_null(self) -> bool:
        """Whether it is a null that is written out."""
        return self.value is None and not self.header and not self.start


def holds_null(value: Any) -> bool:
    """Tell whether a map in `value` has a null field."""
    if type(value) is dict:
        return any(inner is None or holds_null(inner) for inner in value.values())
    return type(value) is list and any(map(holds_null, value))


class DeclinedError(Exception):
    """The text is not in the plain part of YAML, or has an error: the exact reader knows."""


def read_line(line: str, known: dict[str, Token]) -> Token:
    """Return what `line` (without its end) says, and remember it in `known`."""
    try:
        token = _read(line)
    except (DeclinedError, YamlError, ScalarError):
        token = _OTHER
    if len(line) <= MAX_REMEMBERED_LINE:
        if len(known) >= MAX_REMEMBERED:
            known.clear()
        known[line] = token
    return token


def _read(line: str) -> Token:
    simple = _SIMPLE_LINE.match(line)
    if simple is not None and simple[4] not in WORDS and simple[5] not in WORDS:
        before, dash, written, word, item = simple.groups()
        column = len(before)
        if item is not None:
            return DASH_SCALAR, 2 * column + 1, "", item, 0
        key = _KEYS.get(written) or _key(written)
        if dash is None:
            return (OPEN if word is None else PAIR), 2 * column, key, word, 0
        return (DASH_OPEN if word is None else DASH_PAIR), 2 * column + 1, key, word, 2 * (column + len(dash))
    refuse_odd(line)
    stripped = line.lstrip(" ")
    if not stripped or stripped[0] == "#":
        return _BLANK
    match = _LINE.match(line)
    if match is None:
        raise DeclinedError
    indent, dash, written, value, scalar = match.groups()
    column = len(indent)
    place = 2 * column if dash is None else 2 * column + 1
    inner = 0 if dash is None else 2 * (column + len(dash))
    if written is None:
        if dash is None:
            value = None if scalar is None else _value(scalar)
            if value is None or (type(value) is Special and value.is_null):
                raise DeclinedError
            return TEXT, NOWHERE, "", value, column
        if scalar is None or scalar[0] == "#":
            return DASH, place, "", None, 0
        content = _value(scalar)
        return (SPECIAL_DASH if type(content) is Special else DASH_SCALAR), place, "", content, 0
    key = _KEYS.get(written) or _key(written)
    if value is None or value[0] == "#":
        return (OPEN if dash is None else DASH_OPEN), place, key, None, inner
    content = _value(value)
    if type(content) is Special:
        return (SPECIAL_PAIR if dash is None else SPECIAL_DASH_PAIR), place, key, content, inner
    return (PAIR if dash is None else DASH_PAIR), place, key, content, inner


def _key(written: str) -> str:
    """Return the key, and remember it: one string serves all maps that have it."""
    if written[0] in "\"'":
        return written[1:-1]
    if resolve_key(written) != written:
        raise DeclinedError
    if len(_KEYS) >= MAX_REMEMBERED:
        _KEYS.clear()
    _KEYS[written] = written
    return written


def refuse_odd(line: str) -> None:
    """Raise `DeclinedError` for a line with characters that YAML does not take, or takes for something else."""
    if not (line.isascii() and line.isprintable()) and re.search(_ODD, line):
        raise DeclinedError


def _value(text: str) -> Any:
    """Return the value that `text` is, up to the end of its line."""
    first = text[0]
    if first == '"' or first == "'":
        match = (_DOUBLE_QUOTED if first == '"' else _SINGLE_QUOTED).match(text)
        if match is None:
            return Special(start=text)
        if not _END.match(text, match.end()):
            raise DeclinedError
        if first == "'":
            return match[1].replace("''", "'")
        if "\\" not in match[1]:
            return match[1]
        simple = unescape(match[1])
        return compose_value(match[0], compose(match[0])) if simple is None else simple
    if first in "[{":
        if len(text) > MAX_FLOW_LINE:
            raise DeclinedError
        if ("]" if first == "[" else "}") not in text:
            return Special(start=text)
        if (flow := simple_flow(text)) is not None:
            return Special(flow)
        try:
            root = compose(text)
        except YamlError:
            return Special(start=text)
        return Special(compose_value(text, root))
    if first in "|>":
        match = _BLOCK.match(text.rstrip(" "))
        if match is None:
            raise DeclinedError
        return Special(header=match[1])
    plain = _plain(text)
    value = resolve_plain(plain)
    return Special() if value is None else value


def _plain(text: str) -> str:
    """Return the plain scalar that `text` is, up to a comment."""
    if text[0] in _NOT_PLAIN and (text[0] not in "-?:" or text[1:2] in ("", " ")):
        raise DeclinedError
    plain = text.partition(" #")[0].rstrip(" ")
    if ": " in plain or plain[-1] == ":":
        raise DeclinedError
    return plain


def plain_text(line: str, known: dict[str, Token]) -> tuple[Token, str]:
    """Return the token of `line`, and the plain scalar in it that may go on. Raises `DeclinedError` where there is none."""
    token = known.get(line) or read_line(line, known)
    match = _LINE.match(line)
    if match is None or token[0] == OTHER:
        raise DeclinedError
    text = match["value"] or match["scalar"]
    if not text or text[0] in "\"'[{|>" or " #" in text:
        raise DeclinedError
    return token, _plain(text)


def compose_value(text: str, root: Node | None) -> Any:
    """Return the value of `root`, the quoted scalar or flow collection that is the whole of `text`."""
    # A root in block style is a key: `"a": b`. The reader stops behind the root, so that the rest is ours to judge.
    if root is None or not (root.flow or (root.text is not None and not root.plain)) or not _END.match(text, root.end):
        raise DeclinedError
    value = construct(root)
    _refuse_depth(value, MAX_FLOW_DEPTH)
    return value


def _refuse_depth(value: Any, left: int) -> None:
    if left == 0:
        raise DeclinedError
    if type(value) is dict or type(value) is list:
        for inner in value.values() if type(value) is dict else value:
            _refuse_depth(inner, left - 1)
