"""Version order: which of two versions of one OSV ecosystem is the older, as that ecosystem itself decides.

    compare("Debian", "1.2.3-1~deb7u1", "1.2.3-1")    # -1
    compare("Maven", "1.0-alpha-1", "1.0")            # -1

Every ecosystem has its own order and every one of them differs from the others where it hurts (``~`` of Debian, ``_rc`` of
Alpine, ``-SNAPSHOT`` of Maven), so there is no common order to fall back to: an ecosystem that is not known here, or a text
that is no version in its ecosystem, is a `VersionError`, and the caller must say that it could not tell.

The judges are ``tests/conformance/versions`` and dpkg itself; why this is no library: ``docs/adr/0013-version-order.md``.
"""

from collections.abc import Callable
from functools import lru_cache
from importlib import import_module
from typing import Final

from seawall.formats.versions.errors import VersionError

__all__ = ["VersionError", "comparable", "compare", "is_version"]

MAX_LENGTH: Final = 512
"""Longest version that is read. The longest of a real package are Go's and Nix's, under 150 characters."""

ORDERS: Final = {
    "AlmaLinux": "rpm",
    "Alpaquita": "apk",
    "Alpine": "apk",
    "Azure Linux": "rpm",
    "BellSoft Hardened Containers": "apk",
    "Bioconductor": "dotted",
    "Bitnami": "semver",
    "CRAN": "dotted",
    "Chainguard": "apk",
    "CleanStart": "apk",
    "Debian": "dpkg",
    "Echo": "dpkg",
    "GHC": "dotted",
    "GitHub Actions": "semver",
    "Go": "semver",
    "Hackage": "dotted",
    "Hex": "semver",
    "Julia": "semver",
    "Mageia": "rpm",
    "Maven": "maven",
    "MinimOS": "apk",
    "NuGet": "nuget",
    "Packagist": "php",
    "Photon OS": "rpm",
    "Pub": "pub",
    "PyPI": "pep440",
    "Red Hat": "rpm",
    "Rocky Linux": "rpm",
    "RubyGems": "gems",
    "SUSE": "rpm",
    "SwiftURL": "semver",
    "Ubuntu": "dpkg",
    "VSCode": "semver",
    "Wolfi": "apk",
    "crates.io": "semver",
    "npm": "semver",
    "openEuler": "rpm",
    "openSUSE": "rpm",
}
"""The order of each ecosystem, by its OSV name without the release that follows a colon (``Debian:12``).

Of those in OSV's schema (1.7.5, ``osv/ecosystems`` of osv.dev has the orders) these have none here, and what is found of them is
not scanned: Android, ConanCenter, FreeBSD, Homebrew, Kubernetes, Linux, OSS-Fuzz, opam and vcpkg; Docker Hardened Images, Root
and TuxCare, whose order is that of what they rebuild.
"""


def compare(ecosystem: str, left: str, right: str) -> int:
    """Return -1, 0 or 1 as `left` is older than, the same as or newer than `right`.

    `ecosystem` is OSV's name, with or without a release. Raises `VersionError` where that cannot be told.
    """
    order = _order(ecosystem)
    if len(left) > MAX_LENGTH or len(right) > MAX_LENGTH:
        raise VersionError(f"a version of {max(len(left), len(right))} characters; at most {MAX_LENGTH} are read")
    return order(left, right)


def comparable(ecosystem: str) -> bool:
    """Whether the order of this ecosystem is known."""
    return ecosystem.partition(":")[0] in ORDERS


def is_version(ecosystem: str, text: str) -> bool:
    """Whether `text` can be compared in `ecosystem`."""
    try:
        compare(ecosystem, text, text)
    except VersionError:
        return False
    return True


@lru_cache(maxsize=256)
def _order(ecosystem: str) -> Callable[[str, str], int]:
    """Return the compare function of an ecosystem. Its module is imported now: a scan of one ecosystem needs one of them."""
    try:
        name = ORDERS[ecosystem.partition(":")[0]]
    except KeyError:
        raise VersionError(f"the version order of {ecosystem!r} is not known") from None
    module = import_module(f"{__name__}.{'semver' if name in ('nuget', 'pub') else name}")
    order: Callable[[str, str], int] = getattr(module, f"compare_{name}")
    return order
