"""Versions of RPM packages: ``[epoch:]version[-release]``, in the order of rpm-version(7).

compare_rpm("1.0~rc1", "1.0")     # -1
compare_rpm("1.0^git1", "1.0")    # 1
"""

import re
from functools import lru_cache

_EPOCH = re.compile(r"([0-9]*):(.*)", re.DOTALL)
_SEGMENT = re.compile(r"[0-9]+|[A-Za-z]+|[~^]")

_TILDE, _END, _CARET, _LETTERS, _NUMBER = range(-1, 4)
"""The rank of what may follow where two versions were the same so far."""

_Segments = tuple[tuple[int, int, str], ...]


def compare_rpm(left: str, right: str) -> int:
    """Compare two versions as rpm does. A version without a release is older than the same version with one."""
    a, b = _key(left), _key(right)
    return (a > b) - (a < b)


@lru_cache(maxsize=65536)
def _key(version: str) -> tuple[int, _Segments, bool, _Segments]:
    epoch, rest = match.groups() if (match := _EPOCH.fullmatch(version)) else ("", version)
    text, dash, release = rest.rpartition("-")
    if not dash:
        text, release = release, ""
    return int(epoch or "0"), _segments(text), bool(dash), _segments(release)


def _segments(text: str) -> _Segments:
    """Return runs of digits and letters, tildes and carets; all else only separates."""
    return (*map(_segment, _SEGMENT.findall(text)), (_END, 0, ""))


def _segment(text: str) -> tuple[int, int, str]:
    if text == "~":
        return _TILDE, 0, ""
    if text == "^":
        return _CARET, 0, ""
    return (_NUMBER, int(text), "") if text.isdigit() else (_LETTERS, 0, text)
