"""The fast reader of one YAML document: exact on the plain part of YAML that manifests are written in, or it declines.

It never gives another value than ``kubernetes_yaml_nodes`` does (``tests/property/test_fast_yaml_is_exact.py`` holds it to that);
where it is not sure it raises `DeclinedError`, and the exact reader decides, on errors too. The lines are read by
``kubernetes_yaml_lines``; here they are put together by their indentation, with libyaml's rules:

- a line belongs to the innermost open map or list that starts at its very column; deeper ones end before it;
- a line further to the right than the innermost one is the value of the ``key:`` or ``-`` right before it, or an error or text
  that goes on, and is declined;
- a list may stand at the column of the key that it is the value of.
"""

from typing import Any, TypeAlias

from seawall.formats.kubernetes_yaml_lines import (
    BLANK,
    DASH,
    DASH_OPEN,
    DASH_PAIR,
    DASH_SCALAR,
    OPEN,
    PAIR,
    SPECIAL,
    SPECIAL_DASH,
    SPECIAL_DASH_PAIR,
    SPECIAL_PAIR,
    TEXT,
    DeclinedError,
    Special,
    Token,
    holds_null,
    read_line,
)
from seawall.formats.kubernetes_yaml_spread import MAX_READ_AGAIN, read_block, read_closed_later, read_on

MAX_OPEN = 200
"""Deepest nesting that is read here; with the flow collections of one line it stays below the exact reader's limit."""

MAX_LINES = 1_000_000
"""Most lines of a document that are held in memory, about 60 MB. The exact reader says of larger ones that they are too large."""

# Lines that were seen before. A bounded memory of a pure function; nothing depends on what is in it.
_KNOWN: dict[str, Token] = {}


def forget_lines() -> None:
    """Forget the lines that were seen: for benchmarks, and for programs that run long on ever new text."""
    _KNOWN.clear()


Marks: TypeAlias = list[list[Any]]
"""Where the entries of a document stand. Of each block map or list: itself, its place (see `Token`), and for each entry, in their
order, the line that it starts on, counted from 0. Noted while the document is read, which costs a tenth of that; finding
them again costs as much as reading does."""


class Nothing:
    """The value of a text that holds no document: only blank lines and comments."""


def read_plain(text: str) -> tuple[Any, bool, Marks]:
    r"""Return the value of the document `text`, whether there may be nulls in it, and on which lines its entries stand.

    The value is `Nothing` where there is no document. Its lines end with ``\n``. Raises `DeclinedError`.
    """
    if text.count("\n") > MAX_LINES:
        raise DeclinedError
    lines = text.split("\n")
    known = _KNOWN
    get = known.get
    root: Any = _root_of(lines)
    if root is Nothing:
        return Nothing, False, []
    into, here = root  # the innermost open collection, and its place (see `Token`)
    root = into
    entries: list[Any] = [into, here]
    marks = [entries]
    note = marks.append
    above: Marks = []  # those of the collections around it
    pending = False  # the line before was `key:` or `-`, whose value may follow
    key = ""
    empty = 0  # of them, how many got none
    nulls = False
    budget = [MAX_READ_AGAIN]
    for index, line in enumerate(lines):
        kind, place, new_key, value, inner = get(line) or read_line(line, known)
        if place > here:
            if kind == BLANK:
                continue
            if not pending:  # the line begins nothing: it goes on with the text before it, or it is an error
                (kind, _, new_key, _, _), value = read_on(lines, index, here >> 1, known)
                _put(into, key if kind == TEXT else new_key, value)
                continue
            if kind > BLANK:
                if kind != TEXT or inner <= here >> 1:
                    raise DeclinedError
                if type(value) is Special:
                    value = _finish(value, lines, index, here >> 1, budget)
                    nulls = nulls or holds_null(value)
                _put(into, key, value)
                empty -= 1
                pending = False
                continue
            child: Any = [] if place & 1 else {}
            _put(into, key, child)
            empty -= 1
            above.append(entries)
            if len(above) > MAX_OPEN:
                raise DeclinedError
            into, here = child, place
            entries = [child, place]
            note(entries)
        else:
            while place != here:
                if not above:
                    raise DeclinedError
                entries = above.pop()
                into, here = entries[0], entries[1]
        pending = False
        entries.append(index)
        if kind == PAIR:
            if new_key in into:
                raise DeclinedError
            into[new_key] = value
        elif kind == OPEN:
            if new_key in into:
                raise DeclinedError
            into[new_key] = None
            key, pending = new_key, True
            empty += 1
        elif kind == DASH_PAIR:
            above.append(entries)
            item = {new_key: value}
            into.append(item)
            into, here = item, inner
            entries = [item, inner, index]
            note(entries)
        elif kind == DASH_SCALAR:
            into.append(value)
        elif kind == DASH_OPEN:
            above.append(entries)
            item = {new_key: None}
            into.append(item)
            into, here = item, inner
            entries = [item, inner, index]
            note(entries)
            key, pending = new_key, True
            empty += 1
        elif kind == DASH:
            into.append(None)
            pending = True
            empty += 1
        elif kind >= SPECIAL:
            value = _finish(value, lines, index, (inner if kind == SPECIAL_DASH_PAIR else place) >> 1, budget)
            nulls = nulls or value is None or holds_null(value)
            if kind == SPECIAL_PAIR:
                if new_key in into:
                    raise DeclinedError
                into[new_key] = value
            elif kind == SPECIAL_DASH:
                into.append(value)
            else:
                above.append(entries)
                item = {new_key: value}
                into.append(item)
                into, here = item, inner
                entries = [item, inner, index]
                note(entries)
    return root, nulls or empty > 0, marks


def _root_of(lines: list[str]) -> Any:
    """Return the root's empty collection and its place, or `Nothing`."""
    for line in lines:
        kind, place, _, _, _ = _KNOWN.get(line) or read_line(line, _KNOWN)
        if kind > BLANK:
            raise DeclinedError
        if kind != BLANK:
            return ([] if place & 1 else {}), place
    return Nothing


def _put(into: Any, key: str, value: Any) -> None:
    """Make `value` what a `key:` or a dash, the last entry of `into`, has for its value."""
    if type(into) is dict:
        into[key] = value
    else:
        into[-1] = value


def _finish(special: Special, lines: list[str], index: int, level: int, budget: list[int]) -> Any:
    """Return the value that begins on line `index`, in a collection at the column `level`."""
    if special.header:
        return read_block(special.header, lines, index, level)
    if special.start:
        return read_closed_later(special.start, lines, index, level, budget)
    return _copy(special.value)


def _copy(value: Any) -> Any:
    """Return a copy of a flow collection that is shared by all documents with the same line."""
    if type(value) is dict:
        return {key: _copy(inner) for key, inner in value.items()}
    if type(value) is list:
        return [_copy(inner) for inner in value]
    return value
