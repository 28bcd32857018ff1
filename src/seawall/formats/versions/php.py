"""Versions of Packagist packages, in the order of PHP's ``version_compare``, which Composer compares with.

compare_php("1.0rc1", "1.0")    # -1
compare_php("1.0", "1.0.0")     # -1: more numbers are newer
"""

import re
from functools import lru_cache
from typing import Final

_PART = re.compile(r"[0-9]+|[^0-9.+_-]+")

_NUMBER: Final = 4
_WORDS: Final = (
    ("dev", 0), ("alpha", 1), ("a", 1), ("beta", 2), ("b", 2), ("RC", 3), ("rc", 3), ("#", _NUMBER), ("pl", 5), ("p", 5),
)  # fmt: skip
"""Words by what they begin with, and where numbers stand among them. Any other word comes before these."""


def compare_php(left: str, right: str) -> int:
    """Compare part by part; every text has a place in the order."""
    first, second = _parts(left), _parts(right)
    for a, b in zip(first, second, strict=False):
        if a[0] != b[0]:
            return -1 if a[0] < b[0] else 1
        if a[1] >= 0 and b[1] >= 0 and a[1] != b[1]:
            return -1 if a[1] < b[1] else 1
    shared = min(len(first), len(second))
    return _rest(first[shared:]) - _rest(second[shared:])


def _rest(parts: tuple[tuple[int, int], ...]) -> int:
    """What more parts say of a version: a number makes it the newer, a word counts as against a number."""
    for rank, number in parts:
        if rank != _NUMBER:
            return 1 if rank > _NUMBER else -1
        if number >= 0:
            return 1
    return 0


@lru_cache(maxsize=65536)
def _parts(version: str) -> tuple[tuple[int, int], ...]:
    """Return (rank, number) of each part; the number of a word is -1, of which ``#`` is one: it equals any number."""
    text = version.strip()
    if text[:1] in ("v", "V"):
        text = text[1:]
    return tuple(
        (_NUMBER, int(part)) if part.isascii() and part.isdigit() else (_rank(part), -1) for part in _PART.findall(text)
    )


def _rank(word: str) -> int:
    return next((rank for prefix, rank in _WORDS if word.startswith(prefix)), -1)
