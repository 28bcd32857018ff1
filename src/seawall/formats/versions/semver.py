"""Semantic versions and the two orders that grew out of them: npm, Go, crates.io, Hex; Pub; NuGet.

    compare_semver("v1.0.0-rc.1", "1.0.0")       # -1: semver.org, clause 11
    compare_pub("1.0.0", "1.0.0+build")          # -1: Pub orders builds too
    compare_nuget("1.0.0", "1.0.0.1-alpha")      # -1: NuGet has a fourth number, and no case

Read leniently, as advisories need it: a leading ``v``, missing numbers (``1.2``), and Go's own ``1.21rc1``.
"""

import re
from functools import lru_cache

from seawall.formats.versions.errors import VersionError

_VERSION = re.compile(r"[vV=]?\s*([0-9]+(?:\.[0-9]+)*)\.?([^+]*)(?:\+(.*))?", re.DOTALL)

_Identifiers = tuple[tuple[int, int, str], ...]
_Key = tuple[tuple[int, ...], bool, _Identifiers, _Identifiers]


def compare_semver(left: str, right: str) -> int:
    """Compare by precedence; builds do not count. Raises `VersionError`."""
    a, b = _key(left)[:3], _key(right)[:3]
    return (a > b) - (a < b)


def compare_pub(left: str, right: str) -> int:
    """Compare as Pub does: by precedence, then by build, none before any. Raises `VersionError`."""
    a, b = _key(left), _key(right)
    return (a > b) - (a < b)


def compare_nuget(left: str, right: str) -> int:
    """Compare as NuGet does: four numbers, then the pre-release in any case. Raises `VersionError`."""
    a, b = _key(left.lower(), 4)[:3], _key(right.lower(), 4)[:3]
    return (a > b) - (a < b)


@lru_cache(maxsize=65536)
def _key(version: str, numbers: int = 3) -> _Key:
    """Return numbers, whether it is a release, the pre-release and the build. Further numbers belong to the build."""
    match = _VERSION.fullmatch(version.strip())
    if match is None:
        raise VersionError(f"{version!r} does not begin with a number")
    core, pre, build = match.groups()
    parts = core.split(".")
    pre = pre.removeprefix("-")
    build = ".".join([*parts[numbers:], *([build] if build else ())])
    values = [*map(int, parts[:numbers]), *[0] * (numbers - len(parts))]
    return tuple(values), not pre, _identifiers(pre), _identifiers(build)


def _identifiers(text: str) -> _Identifiers:
    """Clause 11.4: numbers by value and before words, words by their characters, more identifiers after fewer."""
    if not text:
        return ()
    return tuple((0, int(part), "") if part.isascii() and part.isdigit() else (1, 0, part) for part in text.split("."))
