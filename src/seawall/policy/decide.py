"""The gate: from a report to a decision and an exit status.

Exit status 2 wins over 1. A gate fails closed: a report that is not complete cannot say that its findings are all there
are, so the reader must first learn that something was not seen. Both reasons are given.
"""

from collections import Counter
from collections.abc import Iterable

from seawall.model.decision import Decision
from seawall.model.finding import Finding, Report
from seawall.model.taxonomy import Severity

PASSED, FAILED, INCOMPLETE = 0, 1, 2


def decide(report: Report, *, fail_on: Severity | None, allow_unscanned: bool = False) -> Decision:
    """Return the gate's answer. `fail_on` None lets findings of every severity through (they are still reported)."""
    reasons: list[str] = []
    warnings: list[str] = []
    status = PASSED

    unscanned = len(report.unscanned)
    if unscanned and not allow_unscanned:
        status = INCOMPLETE
        what = "1 input" if unscanned == 1 else f"{unscanned} inputs"
        reasons.append(f"{what} could not be scanned (--allow-unscanned accepts that)")
    elif unscanned:
        what = "1 input was" if unscanned == 1 else f"{unscanned} inputs were"
        warnings.append(f"{what} not scanned, and --allow-unscanned accepts that")

    counting = [finding for finding in report.findings if finding.suppressed is None]
    failing = [] if fail_on is None else [item for item in counting if item.severity.rank >= fail_on.rank]
    if failing:
        status = max(status, FAILED)
        reasons.append(f"{_count_by_severity(failing)} at or above {fail_on}")
    if status == PASSED:
        reasons.append("no finding can fail this gate" if fail_on is None else f"no finding at or above {fail_on}")
    return Decision(allowed=status == PASSED, exit_status=status, reasons=reasons, warnings=warnings, fail_on=fail_on)


def _count_by_severity(findings: Iterable[Finding]) -> str:
    counts = Counter(finding.severity for finding in findings)
    total = sum(counts.values())
    parts = [f"{counts[severity]} {severity}" for severity in reversed(Severity) if counts[severity]]
    return f"{total} {'finding' if total == 1 else 'findings'} ({', '.join(parts)})"
