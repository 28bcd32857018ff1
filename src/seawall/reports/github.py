"""GitHub Actions annotations: one workflow command a finding, on the line of the pull request that it is about.

GitHub shows few annotations of a kind in one step, so the first place of every root cause comes before the second of any.
"""

from collections import Counter
from collections.abc import Iterator, Mapping

from seawall.model.decision import Decision
from seawall.model.finding import Finding, Report
from seawall.model.rule import Rule
from seawall.model.taxonomy import Severity
from seawall.reports.escaping import make_visible
from seawall.reports.grouping import describe_resource, group

# GitHub shows ten a kind and step; the rest only fills the log, which has a use as long as somebody can read it.
MOST_PER_KIND = 50

_KINDS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "notice",
    Severity.INFO: "notice",
}


def render(report: Report, *, rules: Mapping[str, Rule] | None = None, decision: Decision | None = None) -> str:
    """Return one workflow command a line."""
    lines = [
        _command("error", {**_split_place(item.path), "title": "Not scanned"}, [item.reason])
        for item in report.unscanned
    ]
    written: Counter[str] = Counter()
    left_out = 0
    for finding in _order(report):
        kind = _KINDS[finding.severity]
        if written[kind] >= MOST_PER_KIND:
            left_out += 1
            continue
        written[kind] += 1
        lines.append(_annotate(kind, finding, (rules or {}).get(finding.rule)))
    if left_out:
        lines.append(_command("notice", {"title": "Seawall"}, [f"{left_out} more findings: see the full report"]))
    if decision is not None:
        verdict = "passed" if decision.allowed else "failed"
        text = f"{verdict}: {'; '.join([*decision.reasons, *decision.warnings])}"
        lines.append(_command("notice", {"title": "Seawall"}, [text]))
    return "\n".join(lines) + "\n" if lines else ""


def _order(report: Report) -> Iterator[Finding]:
    causes = [cause for entry in group(report.findings) for cause in entry.causes]
    yield from (cause.findings[0] for cause in causes)
    for cause in causes:
        yield from cause.findings[1:]


def _annotate(kind: str, finding: Finding, rule: Rule | None) -> str:
    location = finding.location
    properties = {"file": location.path, "line": str(location.line), "endLine": str(location.end_line)}
    if location.line == location.end_line:  # GitHub refuses columns on a span of several lines
        properties |= {"col": str(location.column), "endColumn": str(max(location.column, location.end_column - 1))}
    properties["title"] = f"{finding.severity}: {finding.title} ({finding.rule})"
    paragraphs = [f"{describe_resource(finding.resource)}: {finding.message}"]
    if rule is not None:
        paragraphs.append(f"Why: {rule.why}")
    return _command(kind, properties, [*paragraphs, f"Fix: {finding.remediation}"])


def _split_place(path: str) -> dict[str, str]:
    name, colon, line = path.rpartition(":")
    return {"file": name, "line": line} if colon and line.isdecimal() else {"file": path}


def _command(kind: str, properties: Mapping[str, str], paragraphs: list[str]) -> str:
    written = ",".join(f"{name}={_escape_property(value)}" for name, value in properties.items())
    return f"::{kind} {written}::{'%0A'.join(_escape_data(paragraph) for paragraph in paragraphs)}"


def _escape_data(text: str) -> str:
    return make_visible(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return _escape_data(text).replace(":", "%3A").replace(",", "%2C")
