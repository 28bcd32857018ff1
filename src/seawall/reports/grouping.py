"""One root cause, one entry, with its places.

Two hundred findings that one sentence explains hide the one that matters. People-facing reports show an `Entry` a rule and
severity, and inside it a `Cause` for each thing that is written differently: a chart copied to fifty files, or one template
with fifty replicas, is one cause with fifty places.
"""

import re
from collections import Counter
from collections.abc import Iterable

import msgspec

from seawall.model.finding import Finding
from seawall.model.taxonomy import Confidence, Layer, Severity

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
    """Return the findings that count (suppressed ones are left out), most urgent first: severity, confidence, then rule."""
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
    return sorted(entries, key=lambda entry: (-entry.severity.rank, -confidences.index(entry.confidence), entry.rule))


def count_by_layer(findings: Iterable[Finding]) -> dict[Layer, Counter[Severity]]:
    """Return the counts of findings that count, for every layer, also those with none."""
    counts: dict[Layer, Counter[Severity]] = {layer: Counter() for layer in Layer}
    for finding in findings:
        if finding.suppressed is None:
            counts[finding.layer][finding.severity] += 1
    return counts


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
