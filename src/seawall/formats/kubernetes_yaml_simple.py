r"""Values of plain YAML that need no parser: simple flow collections, quotes with simple escapes, text that is folded.

They are nearly all that there are, and libyaml comes with the rest of PyYAML, whose import takes as long as reading a hundred
manifests. Each function gives what the exact reader would, or None where it is not sure; then the exact reader is asked
(``tests/property/test_fast_yaml_is_exact.py`` holds it to that).
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from seawall.formats.kubernetes_yaml_scalars import ScalarError, resolve_key, resolve_plain

MAX_SPREAD_LINES = 200
"""Lines on which a value may go on here. Its end is looked for on each."""

# In brackets: text in quotes without escapes, or a word. What begins a word, and what a word holds, means nothing else there.
_QUOTED = r""""[^"\\\n]*"|'[^'\n]*'"""
_ITEM = rf"{_QUOTED}|-{{0,2}}[A-Za-z0-9/$][A-Za-z0-9._/=$()+@%-]*"
_KEY = r"""[A-Za-z_][A-Za-z0-9._/-]{0,250}(?=: )|"[^"\\\n]{0,250}"(?=:)"""
_PAIR = rf"(?P<key>{_KEY}): *(?P<value>{_ITEM})"
_LIST = rf"\[[ \n]*(?:(?:{_ITEM})[ \n]*,[ \n]*)*(?:{_ITEM})?[ \n]*\] *\Z"
_MAP = rf"\{{[ \n]*(?:(?:{_KEY}): *(?:{_ITEM})[ \n]*,[ \n]*)*(?:(?:{_KEY}): *(?:{_ITEM}))?[ \n]*\}} *\Z"

_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPES = {'"': '"', "\\": "\\", "n": "\n", "t": "\t", " ": " "}
_SPREAD_QUOTES = {
    '"': re.compile(r'"((?:[^"\\]|\\.)*)" *\Z', re.DOTALL),
    "'": re.compile(r"'((?:[^']|'')*)' *\Z"),
}
_CLOSERS = {'"': '"', "'": "'", "[": "]", "{": "}"}


def simple_flow(text: str) -> list[Any] | dict[str, Any] | None:
    """Return the value of the flow collection that is the whole of `text`."""
    if not re.match(_LIST if text[0] == "[" else _MAP, text):
        return None
    try:
        return [_item(item) for item in re.findall(_ITEM, text)] if text[0] == "[" else _map(text)
    except ScalarError:  # a number or a key that has no form in JSON
        return None


def _map(text: str) -> dict[str, Any] | None:
    value: dict[str, Any] = {}
    for pair in re.finditer(_PAIR, text):
        written = pair["key"]
        key = written[1:-1] if written[0] == '"' else written
        if key in value or (written[0] != '"' and resolve_key(written) != written):
            return None
        value[key] = _item(pair["value"])
    return value


def _item(written: str) -> Any:
    return written[1:-1] if written[0] in "\"'" else resolve_plain(written)


def unescape(content: str) -> str | None:
    """Return what the `content` of double quotes says."""
    try:
        return _ESCAPE.sub(lambda escape: _ESCAPES[escape[1]], content)
    except KeyError:
        return None


def closed_later(start: str, following: Iterable[str]) -> tuple[Any, int] | None:
    """Return the value that `start` begins, and how many of the `following` lines belong to it, up to the end of the last."""
    closer = _CLOSERS[start[0]]
    lines = [start]
    for line in following:
        if closer in "]}" and line.lstrip(" ").startswith("#"):
            line = ""  # a comment between items, or within quotes, which do not end on their line then
        lines.append(line)
        if closer not in line:
            if len(lines) > MAX_SPREAD_LINES:
                return None
            continue
        if closer in "]}":
            value: Any = simple_flow("\n".join(lines))
        else:
            found = _SPREAD_QUOTES[closer].match("\n".join(lines))
            if found is None and len(lines) <= MAX_SPREAD_LINES:
                continue
            value = None if found is None else _quoted(closer, found[1].split("\n"))
        return None if value is None else (value, len(lines) - 1)
    return None


def _quoted(quote: str, lines: Sequence[str]) -> str | None:
    if quote == "'":
        content = join_lines(lines)
        return None if content is None else content.replace("''", "'")
    text = lines[0]
    for line in lines[1:]:
        more = line.lstrip(" ")
        if not more:
            return None
        if _ends_in_escape(text):  # an escaped line break is none
            text = text[:-1] + more
            continue
        text = text.rstrip(" ")
        if not text or _ends_in_escape(text):
            return None
        text += " " + more
    return unescape(text)


def _ends_in_escape(text: str) -> bool:
    return (len(text) - len(text.rstrip("\\"))) % 2 == 1


def join_lines(lines: Sequence[str]) -> str | None:
    """Return the text that goes on from line to line, each of which is some text."""
    parts = [line.strip(" ") for line in lines]
    if not all(parts):
        return None  # empty lines are line breaks
    parts[0] = lines[0].rstrip(" ")
    parts[-1] = lines[-1].lstrip(" ")
    return " ".join(parts)


def goes_on(start: str, lines: Sequence[str]) -> str | None:
    """Return the plain scalar that begins with `start` and goes on on `lines`."""
    for line in lines:
        text = line.strip(" ")
        if ": " in text or text[-1:] == ":" or " #" in text:
            return None
    joined = join_lines([start, *(line.strip(" ") for line in lines)])
    try:
        value = None if joined is None else resolve_plain(joined)
    except ScalarError:
        return None
    return value if type(value) is str else None


def fold(content: Sequence[str]) -> str | None:
    """Return the text of a folded block scalar whose lines, without their indentation and up to the last text, are `content`."""
    text = ""
    breaks = 0
    for line in content:
        if not line:
            breaks += 1
            continue
        if line[0] in " \t":
            return None  # lines that are indented further keep their breaks
        text += ("\n" * breaks or " ") + line if text else line
        breaks = 0
    return text
