"""Versions of Maven artifacts, in the order of the POM reference ("Version Order Specification").

compare_maven("1.0-SNAPSHOT", "1.0")    # -1
compare_maven("1.0.0-ga", "1")          # 0
"""

import re
from functools import lru_cache
from itertools import zip_longest
from typing import Final

_TOKEN = re.compile(r"([.-]?)([0-9]+|[^0-9.-]+|)")

_RELEASE: Final = 5
_QUALIFIERS: Final = {
    "alpha": 0, "beta": 1, "milestone": 2, "rc": 3, "cr": 3, "snapshot": 4, "": _RELEASE, "final": _RELEASE, "ga": _RELEASE,
    "release": _RELEASE, "sp": 6,
}  # fmt: skip
_UNKNOWN: Final = 7
_SHORT: Final = {"a": "alpha", "b": "beta", "m": "milestone"}  # only where a number follows at once

_QUALIFIER, _DASH_NUMBER, _DOT_NUMBER = range(3)
"""Of tokens of different kinds, the later of these is the newer."""

_Token = tuple[int, int, str]  # kind; number, or rank of the qualifier; name of an unknown qualifier
_NULL: Final[dict[int, _Token]] = {
    _QUALIFIER: (_QUALIFIER, _RELEASE, ""),
    _DASH_NUMBER: (_DASH_NUMBER, 0, ""),
    _DOT_NUMBER: (_DOT_NUMBER, 0, ""),
}


def compare_maven(left: str, right: str) -> int:
    """Compare token by token; the shorter is filled up with the null value of the other's kind."""
    for a, b in zip_longest(_tokens(left), _tokens(right)):
        first, second = a or _NULL[b[0]], b or _NULL[a[0]]
        if first != second:
            return -1 if first < second else 1
    return 0


@lru_cache(maxsize=65536)
def _tokens(version: str) -> tuple[_Token, ...]:
    """Split at points, dashes and where digits meet letters (which is a dash), and drop the nulls before each dash."""
    text = version.strip().lower()
    tokens: list[_Token] = []
    at = 0
    while at < len(text) or not tokens:
        match = _TOKEN.match(text, at)
        if match is None:  # never: every part of the pattern may be empty
            break
        separator, word = match.groups()
        at = match.end()
        dash = separator == "-" or (separator == "" and bool(tokens))
        if dash:
            _drop_nulls(tokens)
        followed = text[at : at + 1]
        tokens.append(_token(dash, word or "0", followed.isascii() and followed.isdigit()))
    # A separator at the very end separates an empty token, which is 0.
    _drop_nulls(tokens)
    return tuple(tokens)


def _token(dash: bool, word: str, number_follows: bool) -> _Token:
    if word.isascii() and word.isdigit():
        return _DASH_NUMBER if dash else _DOT_NUMBER, int(word), ""
    word = _SHORT.get(word, word) if number_follows else word
    rank = _QUALIFIERS.get(word, _UNKNOWN)
    return _QUALIFIER, rank, word if rank == _UNKNOWN else ""


def _drop_nulls(tokens: list[_Token]) -> None:
    """Drop zeros and releases from the end, but never the first token."""
    while len(tokens) > 1 and tokens[-1] in _NULL.values():
        tokens.pop()
