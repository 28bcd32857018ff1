"""Versions of Python packages: PEP 440, and before all of them what was published before there was a PEP 440.

compare_pep440("1.0.dev1", "1.0a1")          # -1
compare_pep440("0.1-bulbasaur", "0.0.1")     # -1
"""

import re
from functools import lru_cache

from packaging.version import InvalidVersion, Version

_PART = re.compile(r"[0-9]+|[a-z]+")


def compare_pep440(left: str, right: str) -> int:
    """Compare as pip does; a text that PEP 440 does not allow is older than all that it does."""
    a, b = _key(left), _key(right)
    return (a > b) - (a < b)


_Key = tuple[bool, Version, tuple[tuple[int, int, str], ...]]
_NONE = Version("0")


@lru_cache(maxsize=65536)
def _key(text: str) -> _Key:
    try:
        return True, Version(text), ()
    except InvalidVersion:
        parts = _PART.findall(text.lower())
        return False, _NONE, tuple((1, int(part), "") if part.isdigit() else (0, 0, part) for part in parts)
