"""Values of plain YAML that take several lines: block scalars, text that goes on, quotes and brackets that close later.

Where such a value ends is decided here, by libyaml's rules for lines and columns; what it is, by the exact reader, but for the
most frequent form, the literal block scalar. Whatever is not clear raises `DeclinedError`.
"""

import re
from collections.abc import Iterable
from itertools import islice
from typing import Any

from seawall.formats.kubernetes_yaml_lines import DeclinedError, Token, compose_value, plain_text, refuse_odd
from seawall.formats.kubernetes_yaml_nodes import Node, YamlError, compose, construct
from seawall.formats.kubernetes_yaml_simple import closed_later, fold, goes_on

_PLAIN_IN_BLOCK = re.compile(r"[\n\t -~]*\Z")
# Compiled when it is needed first, as in ``kubernetes_yaml_lines``.
_ODD_IN_BLOCK = "[^\n\t -~\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
_CLOSERS = {'"': '"', "'": "'", "[": "]", "{": "}"}

MAX_READ_AGAIN = 1 << 20
"""Characters of a document that are read in search of closing brackets: one may close on any line, so each is tried."""


def read_block(header: str, lines: list[str], index: int, level: int) -> str:
    """Return the block scalar whose `header` ends line `index`, and empty its lines, so that nobody takes them for content.

    `level` is the column of the collection that it is in: the text stands further to the right.
    """
    first = index + 1
    end = len(lines)
    while first < end and not lines[first].strip(" "):
        first += 1
    if first == end:
        raise DeclinedError
    width = len(lines[first]) - len(lines[first].lstrip(" "))
    blanks = lines[index + 1 : first]
    if width <= level or lines[first][width] == "\t" or any(len(blank) > width for blank in blanks):
        raise DeclinedError
    prefix = lines[first][:width]
    content: list[str] = []
    last = 0  # how many of them are text, without the blank lines at the end
    for number in range(first, end):
        line = lines[number]
        if line.startswith(prefix):
            content.append(line[width:])
            if len(line) > width:
                last = len(content)
        elif not line.strip(" "):
            content.append("")
        else:
            break
    else:
        number = end
        if lines[-1]:  # the text ends without a line end
            raise DeclinedError
        content.pop()  # there is no line behind the last line end
    if header[0] == ">":
        written = lines[index + 1 : number]
        text = fold(content[:last])
    else:
        text = "\n".join(content[:last])
    if text is not None:
        value = "\n" * len(blanks) + text
        if header[1:] == "":
            value += "\n"
        elif header[1:] == "+":
            value += "\n" * (1 + len(content) - last)
    else:
        (value,) = _read_list(f"- {header}\n" + "\n".join(written) + ("\n" if number < end else ""))
    if type(value) is not str or (not _PLAIN_IN_BLOCK.match(value) and re.search(_ODD_IN_BLOCK, value)):
        raise DeclinedError
    for emptied in range(first, number):
        lines[emptied] = ""
    return value


def read_closed_later(start: str, lines: list[str], index: int, level: int, budget: list[int]) -> Any:
    """Return the quoted scalar or flow collection that `start`, the end of line `index`, begins, and empty its other lines.

    They may stand anywhere. Declined where they do not stand to the right of `level`, closing brackets aside: a place is found by
    the column of its line (``kubernetes_yaml_fast_places``).
    """
    simple = closed_later(start, islice(lines, index + 1, None))
    if simple is None:
        root, count = compose_closed_later(start, islice(lines, index + 1, None), budget)
    else:
        count = simple[1]
    spread = lines[index + 1 : index + 1 + count]
    for line in spread:
        refuse_odd(line)
        text = line.lstrip(" ")
        if len(line) - len(text) <= level and text and text[0] not in "]}":
            raise DeclinedError
    try:
        value = compose_value("\n".join([start, *spread]), root) if simple is None else simple[0]
    except YamlError:
        raise DeclinedError from None
    for emptied in range(index + 1, index + 1 + count):
        lines[emptied] = ""
    return value


def compose_closed_later(start: str, following: Iterable[str], budget: list[int]) -> tuple[Node, int]:
    """Return the node that `start` begins, and how many of the `following` lines belong to it.

    `budget` holds the one number of characters that may be read, and what is left of it afterwards.
    """
    closer = _CLOSERS[start[0]]
    text = [start]
    size = len(start)
    for count, line in enumerate(following, 1):
        text.append(line)
        size += len(line) + 1
        if closer not in line:
            continue
        budget[0] -= size
        if budget[0] < 0:
            break
        try:
            root = compose("\n".join(text))
        except YamlError:
            continue
        if root is not None:
            return root, count
    raise DeclinedError


def read_on(lines: list[str], index: int, level: int, known: dict[str, Token]) -> tuple[Token, Any]:
    """Return the value of the plain scalar that goes on on line `index`, and the token of the line that it starts on.

    Empties the lines on which it goes on: all that stand to the right of `level`, up to a comment.
    """
    before = index - 1
    while before >= 0 and not lines[before].strip(" "):
        before -= 1
    if before < 0:
        raise DeclinedError
    token, start = plain_text(lines[before], known)
    end = index
    while end < len(lines):
        line = lines[end]
        text = line.lstrip(" ")
        if text and (len(line) - len(text) <= level or text[0] == "#"):
            break
        refuse_odd(line)
        end += 1
    if end == index:
        raise DeclinedError
    written = lines[before + 1 : end]
    value: Any = goes_on(start, written)
    if value is None:
        (value,) = _read_list("\n".join([f"- {start}", *written]))
    if type(value) is not str:
        raise DeclinedError
    for emptied in range(index, end):
        lines[emptied] = ""
    return token, value


def _read_list(text: str) -> list[Any]:
    try:
        root = compose(text)
        value = None if root is None else construct(root)
    except YamlError:
        raise DeclinedError from None
    if type(value) is not list or len(value) != 1:
        raise DeclinedError
    return value
