"""SARIF 2.1.0 for code scanning: OASIS standard (errata 01), and what GitHub asks for beyond it.

Every result has a location. ``primaryLocationLineHash`` is Seawall's own fingerprint, so that an alert follows a line that
moves. What was not scanned is an error notification of the invocation. Columns are UTF-16 code units, as the reader expects.
"""

import posixpath
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import msgspec

from seawall.model.decision import Decision
from seawall.model.finding import Finding, Report
from seawall.model.resource import Location, Unscanned
from seawall.model.rule import Rule
from seawall.model.taxonomy import Severity
from seawall.reports.escaping import escape_json_controls, make_visible, split_lines
from seawall.reports.grouping import describe_resource

# GitHub refuses a run with more (docs.github.com, "SARIF support for code scanning").
MOST_RESULTS, MOST_TAGS = 25_000, 20

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_HOME = "https://seawall.dev"
_LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
    Severity.INFO: "note",
}
# The middle of the band in which code scanning shows the same word: over 9 critical, 7 high, 4 medium, above 0 low.
_SECURITY_SEVERITY = {
    Severity.CRITICAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.MEDIUM: "5.5",
    Severity.LOW: "2.0",
    Severity.INFO: "0.0",
}
_PRECISION = {"high": "high", "medium": "medium", "low": "low"}


def render(report: Report, *, rules: Mapping[str, Rule] | None = None, decision: Decision | None = None) -> str:
    """Return `report` as a SARIF log with one run."""
    kept = report.findings[:MOST_RESULTS]
    first_of: dict[str, Finding] = {}
    for finding in kept:
        first_of.setdefault(finding.rule, finding)
    ids = sorted(first_of)
    index = {rule: position for position, rule in enumerate(ids)}
    notifications = [_notify_unscanned(item) for item in report.unscanned]
    if len(kept) < len(report.findings):
        left_out = (
            f"{len(report.findings) - len(kept)} less urgent findings are left out: code scanning takes {MOST_RESULTS}"
        )
        notifications.append({"level": "warning", "message": {"text": left_out}})
    invocation: dict[str, Any] = {
        "executionSuccessful": not report.unscanned,
        "toolExecutionNotifications": notifications,
    }
    if decision is not None:
        invocation["exitCode"] = decision.exit_status
        invocation["exitCodeDescription"] = "; ".join(decision.reasons)
    log = {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": report.tool.name,
                        "version": report.tool.version,
                        "semanticVersion": report.tool.version,
                        "informationUri": _HOME,
                        "rules": [_describe_rule(first_of[rule], (rules or {}).get(rule)) for rule in ids],
                    }
                },
                "automationDetails": {"id": "seawall/"},
                "columnKind": "utf16CodeUnits",
                "originalUriBaseIds": {"SRCROOT": {"description": {"text": "The directory in which seawall was run."}}},
                "invocations": [invocation],
                "results": [_describe_result(finding, index[finding.rule]) for finding in kept],
            }
        ],
    }
    encoded = msgspec.json.format(msgspec.json.encode(_without_surrogates(log)), indent=1)
    return escape_json_controls(encoded).decode() + "\n"


def _describe_rule(finding: Finding, rule: Rule | None) -> dict[str, Any]:
    why = rule.why if rule else finding.title
    references = list(rule.references if rule else finding.references)
    paragraphs = [why, f"**What to change:** {finding.remediation}"]
    if rule and rule.false_positives:
        paragraphs.append(f"**Where it may be wrong:** {rule.false_positives}")
    if references:
        paragraphs.append("\n".join(f"- <{reference}>" for reference in references))
    paragraphs.append(f"`seawall scan --only {finding.rule}` shows this rule alone.")
    severity = rule.severity if rule else finding.severity
    return {
        "id": finding.rule,
        "name": "".join(word.capitalize() for word in finding.rule.split("-")),
        "shortDescription": {"text": finding.title},
        "fullDescription": {"text": why},
        "helpUri": references[0] if references else f"{_HOME}/rules/{quote(finding.rule)}",
        "help": {"text": f"{why}\n\nWhat to change: {finding.remediation}", "markdown": "\n\n".join(paragraphs)},
        "defaultConfiguration": {"level": _LEVELS[severity]},
        "properties": {
            "tags": ["security", str(finding.layer), *finding.practices][:MOST_TAGS],
            "precision": _PRECISION[finding.confidence],
            "problem.severity": {"error": "error", "warning": "warning", "note": "recommendation"}[_LEVELS[severity]],
            "security-severity": _SECURITY_SEVERITY[severity],
        },
    }


def _describe_result(finding: Finding, rule_index: int) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": rule_index,
        "level": _LEVELS[finding.severity],
        "message": {"text": _plain(f"{finding.message}. {finding.remediation}")},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": _describe_artifact(finding.location.path),
                    "region": _describe_region(finding),
                },
                "logicalLocations": [
                    {
                        "name": make_visible(finding.resource.name) or finding.resource.kind,
                        "fullyQualifiedName": f"{describe_resource(finding.resource)} {make_visible(finding.field)}".strip(),
                        "kind": "resource",
                    }
                ],
            }
        ],
        "partialFingerprints": {"primaryLocationLineHash": f"{finding.id}:1", "seawall/v1": finding.id},
        "properties": {
            "severity": str(finding.severity),
            "confidence": str(finding.confidence),
            **_describe_package(finding),
        },
    }
    if finding.suppressed is not None:
        why = finding.suppressed
        details = [why.reason, why.owner and f"owner {why.owner}", why.expires and f"until {why.expires}"]
        suppression: dict[str, Any] = {
            "kind": "inSource" if why.by in ("annotation", "comment") else "external",
            "status": "accepted",
            "justification": _plain("; ".join(part for part in details if part)),
        }
        if why.at:
            suppression["location"] = {"physicalLocation": _describe_place(why.at)}
        result["suppressions"] = [suppression]
    if finding.suppressed is not None and finding.suppressed.by == "baseline":
        result["baselineState"] = "unchanged"
    return result


def _describe_package(finding: Finding) -> dict[str, Any]:
    """Return what the property bag says of package and vulnerability, in the words of the JSON report."""
    members = {"package": finding.package, "vulnerability": finding.vulnerability}
    return {name: msgspec.to_builtins(value) for name, value in members.items() if value is not msgspec.UNSET}


def _describe_artifact(path: str) -> dict[str, str]:
    encoded = quote(path, safe="/~", errors="surrogatepass")
    if posixpath.isabs(path):
        return {"uri": f"file://{encoded}"}
    return {"uri": encoded or ".", "uriBaseId": "SRCROOT"}


def _describe_region(finding: Finding) -> dict[str, Any]:
    location = finding.location
    lines = split_lines(finding.snippet)
    region: dict[str, Any] = {
        "startLine": location.line,
        "startColumn": _utf16_column(lines, location, location.line, location.column),
        "endLine": location.end_line,
        "endColumn": _utf16_column(lines, location, location.end_line, location.end_column),
    }
    if finding.snippet:
        region["snippet"] = {"text": finding.snippet}
    return region


def _utf16_column(lines: list[str], location: Location, line: int, column: int) -> int:
    """Return `column` in UTF-16 code units, by the snippet's text; a line that the snippet lacks keeps its count."""
    offset = line - location.line
    if not 0 <= offset < len(lines):
        return column
    return column + sum(character > "\uffff" for character in lines[offset][: column - 1])


def _notify_unscanned(item: Unscanned) -> dict[str, Any]:
    return {
        "level": "error",
        "descriptor": {"id": "not-scanned"},
        "message": {"text": _plain(f"not scanned: {item.reason}")},
        "locations": [{"physicalLocation": _describe_place(item.path)}],
    }


def _describe_place(text: str) -> dict[str, Any]:
    """Return the physical location that ``path`` or ``path:line`` names."""
    path, colon, line = text.rpartition(":")
    numbered = bool(colon) and line.isdecimal() and int(line) > 0
    place: dict[str, Any] = {"artifactLocation": _describe_artifact(path if numbered else text)}
    if numbered:
        place["region"] = {"startLine": int(line)}
    return place


def _plain(text: str) -> str:
    """Return `text` so that a viewer finds no embedded link in it (SARIF 3.11.6)."""
    return make_visible(text).replace("](", "] (")


def _without_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return (
            value
            if value.isprintable()
            else "".join(make_visible(c) if "\ud800" <= c <= "\udfff" else c for c in value)
        )
    if isinstance(value, dict):
        return {key: _without_surrogates(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_surrogates(item) for item in value]
    return value
