"""Whether an advisory affects a package, and which version is free of it: the evaluation that the OSV schema specifies.

    match = affected_by(package, advisory)    # None, or which version fixes it

An advisory that was withdrawn affects nothing. `VersionError` means that it could not be told: the caller must report that,
for "not affected" would be a guess. Specification: https://ossf.github.io/osv-schema/#evaluation
"""

import re
from collections.abc import Sequence
from functools import cmp_to_key
from typing import Final

import msgspec

from seawall.facts.releases import ecosystems_of, release_of
from seawall.formats.versions import VersionError, compare
from seawall.model.advisory import Advisory, Affected, Range
from seawall.model.package import Package

_SEPARATORS: Final = re.compile(r"[-_.]+")
_SOURCE_PACKAGES: Final = frozenset({
    "Alpaquita", "Alpine", "BellSoft Hardened Containers", "Chainguard", "CleanStart", "Debian", "Echo", "MinimOS", "Ubuntu",
    "Wolfi",
})  # fmt: skip
"""Distributions whose advisories name source packages."""

_EITHER_PACKAGES: Final = frozenset({
    "AlmaLinux", "Azure Linux", "Mageia", "Photon OS", "Red Hat", "Rocky Linux", "SUSE", "openEuler", "openSUSE",
})  # fmt: skip
"""Distributions of RPMs: some advisories name source packages (SUSE), some binary ones (AlmaLinux), some both (Red Hat)."""


class Match(msgspec.Struct, frozen=True, order=True):
    """`advisory` affects `package`. `fixed` is the first later version that it does not affect, empty where none is known."""

    advisory: Advisory
    package: Package
    fixed: str


def affected_by(package: Package, advisory: Advisory) -> Match | None:
    """Return how `advisory` affects `package`, or None. A package without a version matches nothing. Raises `VersionError`."""
    ecosystems, names, version = lookup(package)
    if advisory.withdrawn or not version:
        return None
    entries = [
        entry
        for entry in advisory.affected
        if release_of(entry.ecosystem) in ecosystems and index_name(entry.ecosystem, entry.name) in names
    ]
    if not any(is_affected(version, entry) for entry in entries):
        return None
    return Match(advisory, package, first_fixed(version, entries))


def lookup(package: Package) -> tuple[tuple[str, ...], tuple[str, ...], str]:
    """Return what advisories call this package: its ecosystems, without and with the release, its names and its version."""
    name, version = package.name, package.version
    names: tuple[str, ...] = (name,)
    if package.source_name:
        if package.ecosystem in _SOURCE_PACKAGES:
            names, version = (package.source_name,), package.source_version or version
        elif package.ecosystem in _EITHER_PACKAGES and package.source_name != name:
            # With the binary package's version: the name of a source RPM does not say the epoch.
            names = (name, package.source_name)
    ecosystem = package.ecosystem
    return ecosystems_of(ecosystem, package.distro), tuple(index_name(ecosystem, found) for found in names), version


def index_name(ecosystem: str, name: str) -> str:
    """Return the one spelling of a name that its index treats as the same as all its others."""
    match ecosystem.partition(":")[0]:
        case "PyPI":
            return _SEPARATORS.sub("-", name).lower()
        case "NuGet" | "Packagist" | "VSCode" | "GitHub Actions":
            return name.lower()
        case "SwiftURL":
            # An address, which people write with and without its scheme; the hosts of nearly all know no upper case.
            return name.removeprefix("https://").removesuffix(".git").lower()
        case _:
            return name


def is_affected(version: str, entry: Affected) -> bool:
    """Whether `version` is listed or lies in a range. Raises `VersionError`."""
    if version in entry.versions:
        return True
    if entry.ranges:
        return any(_in_range(entry.ecosystem, version, found) for found in entry.ranges)
    # Without ranges the list is all there is: look for another spelling of the same version (1.0 and 1.0.0 of PyPI).
    return any(compare(entry.ecosystem, version, listed) == 0 for listed in entry.versions)


def first_fixed(version: str, entries: Sequence[Affected]) -> str:
    """Return the lowest version after `version` in which a range ends and that no entry affects, or an empty text."""
    found: list[tuple[str, str]] = [
        (entry.ecosystem, end)
        for entry in entries
        for timeline in entry.ranges
        for kind, end in timeline.events
        if kind == "fixed" and compare(entry.ecosystem, end, version) > 0
    ]

    def order(left: tuple[str, str], right: tuple[str, str]) -> int:
        return compare(left[0], left[1], right[1])

    later = sorted(found, key=cmp_to_key(order))
    return next((end for _, end in later if not any(is_affected(end, entry) for entry in entries)), "")


def _in_range(ecosystem: str, version: str, found: Range) -> bool:
    """The schema's IncludedInRange and BeforeLimits."""
    limits = [limit for kind, limit in found.events if kind == "limit"]
    if limits and not any(limit == "*" or compare(ecosystem, version, limit) < 0 for limit in limits):
        return False
    vulnerable = False
    for kind, at in _sorted_events(ecosystem, found.events):
        order = 1 if at == "0" else compare(ecosystem, version, at)  # "0" is before every version, in any order
        if kind == "introduced" and order >= 0:
            vulnerable = True
        elif (kind == "fixed" and order >= 0) or (kind == "last_affected" and order > 0):
            vulnerable = False
    return vulnerable


def _sorted_events(ecosystem: str, events: Sequence[tuple[str, str]]) -> Sequence[tuple[str, str]]:
    def order(left: tuple[str, str], right: tuple[str, str]) -> int:
        if "0" in (left[1], right[1]):
            return (left[1] != "0") - (right[1] != "0")
        return compare(ecosystem, left[1], right[1])

    if len(events) == 2 and events[0] == ("introduced", "0"):
        return [event for event in events if event[0] != "limit"]  # as most are
    # Events at one version keep their order: "introduced 2, fixed 2" is RustSec's nothing, "fixed 2, introduced 2" no gap.
    return sorted((event for event in events if event[0] != "limit"), key=cmp_to_key(order))


__all__ = [
    "Match", "VersionError", "affected_by", "first_fixed", "index_name", "is_affected", "lookup",
]  # fmt: skip
