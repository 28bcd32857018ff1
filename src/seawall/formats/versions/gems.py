"""Versions of Ruby gems, in the order of ``Gem::Version``: a segment of letters makes a pre-release.

compare_gems("1.0.b1", "1.0")    # -1
compare_gems("1.0", "1")         # 0
"""

import re
from functools import lru_cache
from itertools import zip_longest

from seawall.formats.versions.errors import VersionError

_VERSION = re.compile(r"[0-9A-Za-z.-]*")
_SEGMENT = re.compile(r"[0-9]+|[A-Za-z]+")

_Segment = tuple[int, int, str]
_ZERO: _Segment = (1, 0, "")


def compare_gems(left: str, right: str) -> int:
    """Compare segment by segment: letters before numbers, and what is missing counts as 0. Raises `VersionError`."""
    for a, b in zip_longest(_segments(left), _segments(right), fillvalue=_ZERO):
        if a != b:
            return -1 if a < b else 1
    return 0


@lru_cache(maxsize=65536)
def _segments(version: str) -> tuple[_Segment, ...]:
    text = version.strip()
    if not _VERSION.fullmatch(text):
        raise VersionError(f"{version!r} is no gem version")
    found = _SEGMENT.findall(text.replace("-", ".pre."))
    segments = [(1, int(part), "") if part.isdigit() else (0, 0, part) for part in found]
    letters = next((index for index, segment in enumerate(segments) if segment[0] == 0), len(segments))
    # Zeros at the end of the release do not count: 1.0.a is 1.a.
    release = segments[:letters]
    while release and release[-1] == _ZERO:
        release.pop()
    return (*release, *segments[letters:])
