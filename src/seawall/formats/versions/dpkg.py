"""Versions of Debian and Ubuntu packages: ``[epoch:]upstream[-revision]``, in the order of deb-version(7).

compare_dpkg("1.0~rc1", "1.0")    # -1
"""

import re
from functools import lru_cache

from seawall.formats.versions.errors import VersionError

_RUN = re.compile(r"([^0-9]*)([0-9]*)")
_EPOCH = re.compile(r"[0-9]+")

_Key = tuple[int, tuple[object, ...], tuple[object, ...]]


def compare_dpkg(left: str, right: str) -> int:
    """Compare two versions as ``dpkg --compare-versions`` does. Raises `VersionError`."""
    a, b = _key(left), _key(right)
    return (a > b) - (a < b)


@lru_cache(maxsize=65536)
def _key(version: str) -> _Key:
    head, colon, tail = version.strip().partition(":")
    epoch, rest = (head, tail) if colon else ("0", head)
    if not _EPOCH.fullmatch(epoch):
        raise VersionError(f"the epoch of {version!r} is not a number")
    upstream, _, revision = rest.rpartition("-") if "-" in rest else (rest, "", "")
    if not upstream:
        raise VersionError(f"{version!r} is no Debian version: it has no upstream part")
    return int(epoch), _runs(upstream), _runs(revision)


def _runs(text: str) -> tuple[object, ...]:
    """Return text, number, text, number… so that tuples compare as the manual says. Absent digits count as 0.

    Every text ends in 0, the rank of the end: above ``~`` and below all else.
    """
    key: list[object] = []
    for letters, digits in _RUN.findall(text or "0"):
        key += (*map(_rank, letters), 0), int(digits or "0")
    return tuple(key)


def _rank(character: str) -> int:
    """Tilde before the end (0), then letters, then everything else."""
    if character == "~":
        return -1
    return ord(character) if character.isascii() and character.isalpha() else ord(character) + 256
