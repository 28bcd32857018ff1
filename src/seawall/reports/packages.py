"""What to upgrade: the flaws of a report by package, since a person upgrades packages and not flaws.

Three hundred flaws are mostly of twenty packages. An `Upgrade` is one version of one package, wherever it stands, with the
version that is free of all its flaws that have a fix.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec

from seawall.formats.package_list import ECOSYSTEMS
from seawall.formats.versions import VersionError, compare
from seawall.model.finding import Finding, Package
from seawall.model.taxonomy import Severity
from seawall.reports.escaping import make_visible
from seawall.reports.grouping import is_flaw

_NO_ECOSYSTEM_OF_ITS_OWN = {"rpm": "Red Hat"}
"""All distributions of RPM packages order versions alike."""


class Upgrade(msgspec.Struct, frozen=True, kw_only=True):
    """One package and its flaws that count, the most urgent first.

    `fixed` is the version to go to, empty where no flaw has a fix; several, joined by commas, where their order cannot be told.
    `unfixed` counts the flaws without a fix.
    """

    package: Package
    findings: Sequence[Finding]
    fixed: str
    unfixed: int

    @property
    def flaws(self) -> int:
        """How many flaws there are; one that stands in several files is one."""
        return len(flaw_ids(self.findings))

    @property
    def counts(self) -> Counter[Severity]:
        """The flaws by severity."""
        found = {
            finding.vulnerability.id: finding.severity
            for finding in self.findings
            if finding.vulnerability is not msgspec.UNSET
        }
        return Counter(found.values())

    @property
    def files(self) -> int:
        """In how many files the package stands."""
        return len({finding.location.path for finding in self.findings})


def upgrades(findings: Iterable[Finding]) -> list[Upgrade]:
    """Return the packages that have flaws that count: the worst and the exploited first, then by their number."""
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.suppressed is None and finding.package is not msgspec.UNSET and is_flaw(finding):
            groups.setdefault(finding.package.purl, []).append(finding)
    return sorted((_make(found) for found in groups.values()), key=_urgency)


def flaw_ids(findings: Iterable[Finding]) -> list[str]:
    """Return the names of the flaws, each once, in their order."""
    return list(
        dict.fromkeys(finding.vulnerability.id for finding in findings if finding.vulnerability is not msgspec.UNSET)
    )


def describe_upgrade(upgrade: Upgrade) -> str:
    """Return ``django 2.2.0 → 2.2.28``, safe to show."""
    package = upgrade.package
    here = f"{package.name} {package.version}"
    return make_visible(f"{here} → {upgrade.fixed}" if upgrade.fixed else here)


def describe_flaws(upgrade: Upgrade) -> str:
    """Return ``12 flaws: 1 critical, 11 medium; 2 have no fix``."""
    counts = upgrade.counts
    words = ", ".join(f"{counts[severity]} {severity}" for severity in reversed(Severity) if counts[severity])
    flaws = "1 flaw" if upgrade.flaws == 1 else f"{upgrade.flaws} flaws"
    if not upgrade.fixed:
        return f"{flaws}: {words}; no fixed version is known"
    if not upgrade.unfixed:
        return f"{flaws}: {words}"
    return f"{flaws}: {words}; {upgrade.unfixed} {'has' if upgrade.unfixed == 1 else 'have'} no fix"


def _urgency(upgrade: Upgrade) -> tuple[int, bool, int]:
    worst = max(finding.severity.rank for finding in upgrade.findings)
    exploited = any(
        finding.vulnerability.kev for finding in upgrade.findings if finding.vulnerability is not msgspec.UNSET
    )
    return -worst, not exploited, -upgrade.flaws


def _make(findings: list[Finding]) -> Upgrade:
    package = findings[0].package
    if package is msgspec.UNSET:
        raise RuntimeError("a finding without a package")
    fixes: dict[str, None] = {}
    without: set[str] = set()
    for finding in findings:
        if finding.package is msgspec.UNSET or finding.vulnerability is msgspec.UNSET:
            continue
        if finding.package.fixed_version:
            fixes[finding.package.fixed_version] = None
        else:
            without.add(finding.vulnerability.id)
    return Upgrade(package=package, findings=findings, fixed=_highest(package.purl, list(fixes)), unfixed=len(without))


def _highest(purl: str, versions: Sequence[str]) -> str:
    kind = purl.removeprefix("pkg:").partition("/")[0]
    ecosystem = ECOSYSTEMS.get(kind) or _NO_ECOSYSTEM_OF_ITS_OWN.get(kind, "")
    best = ""
    for version in versions:
        try:
            if not best or compare(ecosystem, version, best) > 0:
                best = version
        except VersionError:
            return ", ".join(versions)
    return best
