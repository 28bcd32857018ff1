"""Versions that are lists of numbers: Hackage (``1.0.0.1``), CRAN and Bioconductor (``1.0-3``).

compare_dotted("1.0", "1.0.0")    # -1: the longer list is the newer
"""

import re
from functools import lru_cache

from seawall.formats.versions.errors import VersionError

_NUMBERS = re.compile(r"[0-9]+(?:[.-][0-9]+)*")
_SEPARATOR = re.compile(r"[.-]")


def compare_dotted(left: str, right: str) -> int:
    """Compare number by number. Raises `VersionError`."""
    a, b = _key(left), _key(right)
    return (a > b) - (a < b)


@lru_cache(maxsize=65536)
def _key(version: str) -> tuple[int, ...]:
    if not _NUMBERS.fullmatch(version):
        raise VersionError(f"{version!r} is no list of numbers")
    return tuple(map(int, _SEPARATOR.split(version)))
