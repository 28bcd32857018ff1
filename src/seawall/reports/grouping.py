"""One root cause, one entry, with its places.

Two hundred findings that one sentence explains hide the one that matters. People-facing reports show an `Entry` a rule and
severity, and inside it a `Cause` for each thing that is written differently: a chart copied to fifty files, or one template
with fifty replicas, is one cause with fifty places.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator

import msgspec

from seawall.model.finding import Finding, Summary, Vulnerability
from seawall.model.resource import ResourceRef
from seawall.model.taxonomy import Confidence, Layer, Severity
from seawall.reports.escaping import make_visible

_INDEX = re.compile(r"\[\d+\]")


class Cause(msgspec.Struct, frozen=True, eq=False):
    """Findings of one rule with the same field (list positions aside), value and source line. `findings` has at least one."""

    findings: list[Finding]


class Entry(msgspec.Struct, frozen=True, eq=False):
    """All counting findings of one rule with one severity. `causes` with the most places come first."""

    rule: str
    title: str
    severity: Severity
    confidence: Confidence
    layer: Layer
    remediation: str
    causes: list[Cause]

    @property
    def count(self) -> int:
        """How many findings the entry stands for."""
        return sum(len(cause.findings) for cause in self.causes)


def group(findings: Iterable[Finding]) -> list[Entry]:
    """Return the findings that count (suppressed ones are left out), most urgent first: severity, confidence, flaws that are
    exploited or most likely to be, then rule.
    """
    by_rule: dict[tuple[Severity, str], dict[tuple[str, str | None, str], list[Finding]]] = {}
    for finding in findings:
        if finding.suppressed is not None:
            continue
        line = finding.snippet.partition("\n")[0].strip()
        package = finding.package.purl if isinstance(finding.package, msgspec.Struct) else ""
        cause = (_INDEX.sub("[]", finding.field) + package, finding.evidence, line)
        by_rule.setdefault((finding.severity, finding.rule), {}).setdefault(cause, []).append(finding)

    entries = [_make_entry(severity, rule, list(causes.values())) for (severity, rule), causes in by_rule.items()]
    confidences = list(Confidence)
    return sorted(
        entries,
        key=lambda entry: (
            -entry.severity.rank,
            -confidences.index(entry.confidence),
            *_exploitation(entry),
            entry.rule,
        ),
    )


def _exploitation(entry: Entry) -> tuple[bool, float]:
    """Return what puts one entry before another of the same severity: exploited flaws first, then the likeliest."""
    flaws = [
        finding.vulnerability
        for cause in entry.causes
        for finding in cause.findings
        if finding.vulnerability is not msgspec.UNSET
    ]
    return not any(flaw.kev for flaw in flaws), -max((flaw.epss or 0.0 for flaw in flaws), default=0.0)


def is_flaw(finding: Finding) -> bool:
    """Tell whether the finding is about a vulnerability: such are shown by package (`reports.packages`)."""
    return finding.vulnerability is not msgspec.UNSET


def count_by_layer(findings: Iterable[Finding]) -> dict[Layer, Counter[Severity]]:
    """Return the counts of findings that count, for every layer, also those with none."""
    counts: dict[Layer, Counter[Severity]] = {layer: Counter() for layer in Layer}
    for finding in findings:
        if finding.suppressed is None:
            counts[finding.layer][finding.severity] += 1
    return counts


def describe_scope(summary: Summary) -> str:
    """Return what was looked at: ``14 resources and 120 packages``; packages only where there are some."""
    resources = f"{summary.resources:,} {'resource' if summary.resources == 1 else 'resources'}"
    if not summary.packages:
        return resources
    return f"{resources} and {summary.packages:,} {'package' if summary.packages == 1 else 'packages'}"


def describe_resource(ref: ResourceRef) -> str:
    """Return ``Kind namespace/name``, leaving out what is empty, safe to show."""
    name = f"{ref.namespace}/{ref.name}" if ref.namespace and ref.name else ref.name
    return make_visible(f"{ref.kind} {name}".strip())


def describe_package(finding: Finding) -> Iterator[str]:
    """Yield a line about the finding's package and one about its vulnerability, where it has them, safe to show."""
    package, vulnerability = finding.package, finding.vulnerability
    if package is not msgspec.UNSET:
        fixed = ""
        if vulnerability is not msgspec.UNSET:
            fixed = f", fixed in {package.fixed_version}" if package.fixed_version else ", no fixed version"
        layer = f", image layer {package.image_layer}" if package.image_layer else ""
        line = f", from {package.build_line}" if package.build_line else ""
        yield make_visible(f"{package.name} {package.version}".rstrip() + fixed + layer + line)
    if vulnerability is not msgspec.UNSET:
        yield make_visible(_describe_vulnerability(vulnerability))


def _describe_vulnerability(vulnerability: Vulnerability) -> str:
    parts = [vulnerability.id]
    if vulnerability.cvss is not None:
        parts.append(f"CVSS {vulnerability.cvss:g}")
    if vulnerability.epss is not None:
        parts.append(f"EPSS {vulnerability.epss:.1%}")
    if vulnerability.kev:
        parts.append("known to be exploited")
    return " · ".join(parts)


def _make_entry(severity: Severity, rule: str, causes: list[list[Finding]]) -> Entry:
    first = causes[0][0]
    # Stable: causes of the same size keep the report's order of places.
    ordered = sorted(causes, key=len, reverse=True)
    return Entry(
        rule=rule,
        title=first.title,
        severity=severity,
        confidence=first.confidence,
        layer=first.layer,
        remediation=first.remediation,
        causes=[Cause(findings=findings) for findings in ordered],
    )
