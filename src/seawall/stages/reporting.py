"""The report of a scan, put together from its parts, whatever was scanned."""

from collections.abc import Sequence

import seawall
from seawall.model.finding import Finding, Report, Summary, Target, Tool
from seawall.model.resource import Unscanned
from seawall.model.rule import Rule
from seawall.model.taxonomy import Severity


def make_report(
    *,
    targets: Sequence[Target],
    rules: Sequence[Rule],
    resources: int,
    findings: Sequence[Finding],
    unscanned: Sequence[Unscanned],
    packages: int = 0,
) -> Report:
    """Put the parts of a scan together; `findings` are in their final order, suppressed ones included."""
    counts = {severity.value: 0 for severity in reversed(Severity)}
    suppressed = 0
    for finding in findings:
        if finding.suppressed is None:
            counts[finding.severity] += 1
        else:
            suppressed += 1
    entries = sorted(set(unscanned))
    return Report(
        tool=Tool("seawall", seawall.__version__),
        targets=list(targets),
        summary=Summary(
            resources=resources,
            rules=len(rules),
            findings=counts,
            suppressed=suppressed,
            unscanned=len(entries),
            packages=packages,
        ),
        findings=list(findings),
        unscanned=entries,
    )
