"""Which packages have which flaws, how bad is each, and what would fix it? (fact ``Vulnerability``)

    found = assess(matches, exploited=database.exploited, likelihood=database.likelihood)
    facts = derive_vulnerabilities(found, packages)

`assess` groups the matches of a package that speak of one flaw and looks at what is known of its exploitation; the facts say it
in words too, since every rule on them says the same: which package, which flaw, who brings the package in, and the way out.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from seawall.facts.advisories import Match
from seawall.facts.flaws import flaws
from seawall.facts.inventory import API_VERSION, PackageOrigin, about_package, chains, package_value, unversioned
from seawall.facts.inventory import KIND as PACKAGE
from seawall.facts.priorities import LIKELY_FROM, vulnerability
from seawall.model import finding
from seawall.model.advisory import AdvisorySource, Exploited, Likelihood
from seawall.model.fact import Fact
from seawall.model.package import Package
from seawall.model.resource import Resource, ResourceRef
from seawall.model.vulnerability import Vulnerability

KIND, DATABASE = "Vulnerability", "AdvisoryDatabase"

MAX_SUMMARY, MAX_INSTRUCTION = 160, 60
"""Characters of an advisory's summary and of a build instruction in a message: it must stay a sentence."""

NOT_KNOWN = -1.0
"""What the fact has for a score that nobody gives: CEL's numbers have no null, and no score is below 0."""


def assess(
    matches: Iterable[Match],
    *,
    exploited: Callable[[str], Exploited | None],
    likelihood: Callable[[str], Likelihood | None],
    likely_from: float = LIKELY_FROM,
) -> list[Vulnerability]:
    """Return the vulnerabilities that `matches` speak of, by package and then the most urgent first.

    `exploited` and `likelihood` say what CISA and FIRST know of a CVE. `likely_from` is the EPSS from which a flaw counts as
    likely to be exploited.
    """
    found = []
    for flaw in flaws(matches):
        cves = [name for name in flaw.names if name.startswith("CVE-")]
        known = [entry for entry in map(exploited, cves) if entry is not None]
        estimates = [entry for entry in map(likelihood, cves) if entry is not None]
        found.append(vulnerability(flaw, exploited=known, likelihoods=estimates, likely_from=likely_from))
    return sorted(found, key=lambda one: (one.package, one.priority.key, one.id))


def derive_vulnerabilities(
    vulnerabilities: Iterable[Vulnerability],
    packages: Iterable[Package],
    dismissed: Mapping[Vulnerability, finding.Suppressed] = MappingProxyType({}),
) -> Iterator[Fact]:
    """Yield a fact for each of `vulnerabilities`; `packages` are all of the scan, for the chains that lead to one.

    `dismissed` are those of which somebody who knows says that they do not matter here.
    """
    files: dict[str, dict[str, Package]] = {}
    for package in packages:
        files.setdefault(package.path, {}).setdefault(package.purl, package)
    told: dict[str, dict[str, tuple[str, ...]]] = {}
    resources: dict[Package, Resource] = {}
    for one in vulnerabilities:
        package = one.package
        known = files.get(package.path, {})
        if package.path not in told:
            told[package.path] = chains(known.values())
        fixed = as_written(package, one.fixed)
        chain = told[package.path].get(package.purl, (package.purl,))
        value = _value(one, fixed, chain, known)
        resource = resources.get(package)
        if resource is None:
            ref = ResourceRef(API_VERSION, PACKAGE, "", package.purl)
            origin = PackageOrigin(package.path, package.line)
            resource = resources[package] = Resource(ref, value["package"], origin)
        yield Fact(
            KIND,
            resource,
            value,
            {},
            identity=f"{unversioned(package)}\0{one.id}",
            package=about_package(package, fixed or None),
            vulnerability=finding.Vulnerability(
                id=one.id,
                aliases=[name for name in one.names if name != one.id],
                cvss=one.cvss.score if one.cvss else None,
                epss=one.epss.probability if one.epss else None,
                kev=one.kev,
            ),
            suppressed=dismissed.get(one),
        )


def derive_databases(path: str, built: str, sources: Sequence[AdvisorySource], now: datetime) -> Iterator[Fact]:
    """Yield the fact about the database at `path` (as a report names it), which was made from `sources`."""
    told = [{"name": one.name, "newest": one.newest, "ageDays": _days(one.read, now)} for one in sources]
    ages = [(_days(one.read, now), one.name) for one in sources] or [(_days(built, now), "")]
    age, oldest = min(ages) if min(ages)[0] < 0 else max(ages)  # one whose age nobody knows may be of any age
    value = {"built": built, "sources": told, "ageDays": age, "oldest": oldest}
    yield Fact(DATABASE, Resource(ResourceRef(API_VERSION, DATABASE, "", ""), value, PackageOrigin(path, 1)), value, {})


def _days(read: str, now: datetime) -> int:
    try:
        moment = datetime.fromisoformat(read)
    except ValueError:
        return -1
    return max(0, (now - (moment if moment.tzinfo else moment.replace(tzinfo=UTC))).days)


def as_written(package: Package, version: str) -> str:
    """Return `version` as the package's ecosystem writes it: Go's advisories leave out the ``v`` that every go.mod has."""
    if package.ecosystem == "Go" and version and package.version.startswith("v"):
        return f"v{version.removeprefix('v')}"
    return version


def _value(one: Vulnerability, fixed: str, chain: tuple[str, ...], known: Mapping[str, Package]) -> dict[str, Any]:
    package = one.package
    version = package.version
    through = [f"{there.name} {there.version}".strip() for purl in chain[:-1] if (there := known.get(purl))]
    return {
        "id": one.id,
        "aliases": [name for name in one.names if name != one.id],
        "title": f"{package.name} {version}{_brought(package, through)} has {one.id}{_said(one.summary)}",
        "rating": _rating(one),
        "remedy": f"upgrade to {fixed}" if fixed else "no fixed version is known",
        "summary": one.summary,
        "priority": one.priority.level.value,
        "cvss": one.cvss.score if one.cvss else NOT_KNOWN,
        "cvssVector": one.cvss.vector if one.cvss else "",
        "publisherSeverity": one.publisher_severity,
        "epss": one.epss.probability if one.epss else NOT_KNOWN,
        "epssPercentile": one.epss.percentile if one.epss else NOT_KNOWN,
        "kev": one.kev,
        "kevSince": one.exploited.added if one.exploited else "",
        "ransomware": one.exploited is not None and one.exploited.ransomware,
        "fixedVersion": fixed,
        "package": package_value(package, chain),
    }


def _rating(one: Vulnerability) -> str:
    """Return what is known of how bad it is, in words; facts stand side by side and none is turned into another."""
    parts = []
    if one.exploited is not None:
        since = f" since {one.exploited.added}" if one.exploited.added else ""
        parts.append(f"known to be exploited{since}{', by ransomware too' if one.exploited.ransomware else ''}")
    if one.cvss is not None:
        parts.append(f"CVSS {one.cvss.score:.1f}")
    elif one.publisher_severity:
        parts.append(f"{one.publisher_severity} by its publisher's word")
    if one.epss is not None:
        parts.append(f"EPSS {one.epss.probability:.1%}")
    return ", ".join(parts) or "not rated"


def _brought(package: Package, through: list[str]) -> str:
    """Say in words who brings the package in, where that is known."""
    words = []
    if package.source_name and package.source_name != package.name:
        words.append(f"built from {package.source_name}")
    if through:
        words.append(f"required by {' → '.join(through)}")
    elif package.direct:
        words.append("required directly")
    if package.scope:
        words.append({"dev": "for development only"}.get(package.scope, package.scope))
    if package.instruction:
        at = f" ({package.build_line})" if package.build_line else ""
        words.append(f"brought by {_line(package.instruction, MAX_INSTRUCTION)}{at}")
    return f" ({', '.join(words)})" if words else ""


def _said(summary: str) -> str:
    """Return the first line of an advisory's summary, for a sentence."""
    shown = _line(summary, MAX_SUMMARY).rstrip(".")
    return f": {shown}" if shown else ""


def _line(text: str, most: int) -> str:
    """Return the first line of `text`, at most `most` characters of it, for a sentence."""
    line = next(iter(text.strip().split("\n", 1)))
    shown = "".join(character if character.isprintable() else " " for character in line).strip()
    return shown if len(shown) <= most else f"{shown[: most - 1].rstrip()}…"
