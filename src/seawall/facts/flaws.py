"""One flaw has many names: CVE, GHSA, PYSEC, DEBIAN-CVE. Matches of a package that speak of the same flaw become one, and an
advisory that fixes several flaws speaks of each.

flaws(matches)[0].id    # "CVE-2021-41124", with GHSA-823f-cwm9-4g74 and PYSEC-2021-364 among its names
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Final

import msgspec

from seawall.facts.advisories import Match
from seawall.formats.versions import compare
from seawall.model.package import Package

_PREFIXED: Final = re.compile(r"[A-Za-z]+-(CVE-[0-9]{4}-[0-9]+)")


class Flaw(msgspec.Struct, frozen=True, order=True):
    """One flaw of one package: its best known name, all its names, the fixed version and the matches that say so."""

    id: str
    names: tuple[str, ...]
    package: Package
    fixed: str
    matches: tuple[Match, ...]


def flaws(matches: Iterable[Match]) -> list[Flaw]:
    """Group matches by package and by shared names, over any number of steps. The result is in the order of package and
    name.
    """
    by_package: dict[Package, list[Match]] = defaultdict(list)
    for match in matches:
        by_package[match.package].append(match)
    return sorted(
        (_flaw(package, group) for package, found in by_package.items() for group in _groups(found)),
        key=lambda flaw: (flaw.package, flaw.id),
    )


def _groups(matches: list[Match]) -> list[list[tuple[Match, tuple[str, ...]]]]:
    """Join matches that share a name (union-find: names lead to the group that has them). Each comes with its names in the
    group.
    """
    leader: dict[str, str] = {}

    def find(name: str) -> str:
        while (above := leader.setdefault(name, name)) != name:
            leader[name] = leader[above]
            name = leader[name]
        return name

    named = [(match, names) for match in matches for names in _names(match)]
    for _, (first, *others) in named:
        for other in others:
            leader[find(other)] = find(first)
    groups: dict[str, list[tuple[Match, tuple[str, ...]]]] = defaultdict(list)
    for match, names in named:
        groups[find(names[0])].append((match, names))
    return list(groups.values())


def _names(match: Match) -> list[tuple[str, ...]]:
    """Return the names of the flaw that the advisory is about; of each, where it is about several.

    A distribution's record of one flaw (DEBIAN-CVE-…, UBUNTU-CVE-…, ALPINE-CVE-…) has that flaw as its only `upstream`. An
    advisory that fixes several (DSA, USN, RHSA) is about each of them and must not make one of them all: its own name joins
    nothing.
    """
    advisory = match.advisory
    own = [advisory.id, _common(advisory.id), *advisory.aliases, *map(_common, advisory.aliases)]
    flaws = list(dict.fromkeys(map(_common, advisory.upstream)))
    if len(flaws) > 1:
        return [(flaw,) for flaw in flaws]
    return [tuple(dict.fromkeys([*own, *flaws, *advisory.upstream]))]


def _common(name: str) -> str:
    """Return the CVE that a distribution put its own name before: CVE-2024-1 of DEBIAN-CVE-2024-1."""
    found = _PREFIXED.fullmatch(name)
    return found[1] if found else name


def _flaw(package: Package, group: list[tuple[Match, tuple[str, ...]]]) -> Flaw:
    matches = list(dict.fromkeys(match for match, _ in group))
    names = {name for _, joined in group for name in joined} | {match.advisory.id for match in matches}
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
