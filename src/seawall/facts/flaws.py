"""One flaw has many names: CVE, GHSA, PYSEC, RUSTSEC. Matches of a package that speak of the same flaw become one.

flaws(matches)[0].id    # "CVE-2021-41124", with GHSA-823f-cwm9-4g74 and PYSEC-2021-364 among its names
"""

from collections import defaultdict
from collections.abc import Iterable

import msgspec

from seawall.facts.advisories import Match
from seawall.formats.versions import compare
from seawall.model.package import Package


class Flaw(msgspec.Struct, frozen=True, order=True):
    """One flaw of one package: its best known name, all its names, the fixed version and the matches that say so."""

    id: str
    names: tuple[str, ...]
    package: Package
    fixed: str
    matches: tuple[Match, ...]


def flaws(matches: Iterable[Match]) -> list[Flaw]:
    """Group matches by package and by shared names, over any number of steps. The result is in the order of package and name."""
    by_package: dict[Package, list[Match]] = defaultdict(list)
    for match in matches:
        by_package[match.package].append(match)
    return sorted(
        (_flaw(package, group) for package, found in by_package.items() for group in _groups(found)),
        key=lambda flaw: (flaw.package, flaw.id),
    )


def _groups(matches: list[Match]) -> list[list[Match]]:
    """Join matches that share a name (union-find: names lead to the group that has them)."""
    leader: dict[str, str] = {}

    def find(name: str) -> str:
        while (above := leader.setdefault(name, name)) != name:
            leader[name] = leader[above]
            name = leader[name]
        return name

    for match in matches:
        for alias in match.advisory.aliases:
            leader[find(alias)] = find(match.advisory.id)
    groups: dict[str, list[Match]] = defaultdict(list)
    for match in matches:
        groups[find(match.advisory.id)].append(match)
    return list(groups.values())


def _flaw(package: Package, matches: list[Match]) -> Flaw:
    names = {match.advisory.id for match in matches} | {alias for match in matches for alias in match.advisory.aliases}
    ordered = tuple(sorted(names, key=_fame))
    return Flaw(ordered[0], ordered, package, _highest_fix(package, matches), tuple(sorted(matches)))


def _fame(name: str) -> tuple[int, str]:
    """CVE first, for it is what people search for; then GitHub's name, then others."""
    return 0 if name.startswith("CVE-") else 1 if name.startswith("GHSA-") else 2, name


def _highest_fix(package: Package, matches: list[Match]) -> str:
    """Where databases name different fixes the later one satisfies all of them."""
    best = ""
    for match in matches:
        if match.fixed and (not best or compare(package.ecosystem, match.fixed, best) > 0):
            best = match.fixed
    return best
