"""JUnit XML, for the test view of a CI system: a failing test case a rule and resource, an error for what was not scanned.

There is no official schema; this is the part that Jenkins, GitLab, Azure DevOps and GitHub's report actions share:
``testsuites``, ``testsuite``, ``testcase`` with ``classname`` (the rule), ``name`` (the resource), ``file`` and ``line``.
"""

from collections.abc import Iterable, Mapping
from xml.sax.saxutils import escape, quoteattr

from seawall.model.decision import Decision
from seawall.model.finding import Finding, Report
from seawall.model.resource import ResourceRef
from seawall.model.rule import Rule
from seawall.reports.escaping import make_visible
from seawall.reports.grouping import describe_resource


def render(report: Report, *, rules: Mapping[str, Rule] | None = None, decision: Decision | None = None) -> str:
    """Return `report` as JUnit XML. A clean report has one test case that passes: some readers refuse a suite with none."""
    cases: dict[tuple[str, ResourceRef, str], list[Finding]] = {}
    for finding in report.findings:
        cases.setdefault((finding.rule, finding.resource, finding.location.path), []).append(finding)
    failures = sum(any(finding.suppressed is None for finding in case) for case in cases.values())
    skipped = len(cases) - failures
    tests = max(1, len(cases) + len(report.unscanned))
    counts = f'tests="{tests}" failures="{failures}" errors="{len(report.unscanned)}" skipped="{skipped}" time="0"'
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<testsuites name="seawall" {counts}>',
        f'  <testsuite name="seawall" {counts}>',
        "    <properties>",
        f'      <property name="version" value={_attribute(report.tool.version)}/>',
        f'      <property name="resources" value="{report.summary.resources}"/>',
        f'      <property name="rules" value="{report.summary.rules}"/>',
        "    </properties>",
    ]
    for case in cases.values():
        lines += _write_case(case, (rules or {}).get(case[0].rule))
    for item in report.unscanned:
        lines += [
            f'    <testcase classname="not-scanned" name={_attribute(item.path)} file={_attribute(item.path)} time="0">',
            f'      <error type="not-scanned" message={_attribute(item.reason)}/>',
            "    </testcase>",
        ]
    if not cases and not report.unscanned:
        scope = f"{report.summary.resources} resources against {report.summary.rules} rules"
        lines.append(f'    <testcase classname="seawall" name={_attribute(scope)} time="0"/>')
    return "\n".join([*lines, "  </testsuite>", "</testsuites>", ""])


def _write_case(case: list[Finding], rule: Rule | None) -> Iterable[str]:
    counting = [finding for finding in case if finding.suppressed is None]
    first = (counting or case)[0]
    name = describe_resource(first.resource)
    place = f'file={_attribute(first.location.path)} line="{first.location.line}"'
    yield f'    <testcase classname={_attribute(first.rule)} name={_attribute(name)} {place} time="0">'
    if counting:
        message = first.message if len(counting) == 1 else f"{first.message} (and {len(counting) - 1} more)"
        yield f"      <failure type={_attribute(first.severity)} message={_attribute(message)}>"
        for finding in counting:
            location = finding.location
            yield _content(f"{location.path}:{location.line}:{location.column} {finding.field}: {finding.message}")
        if rule is not None:
            yield _content(f"Why: {rule.why}")
        yield f"{_content(f'Fix: {first.remediation}')}</failure>"
    elif first.suppressed is not None:
        yield f"      <skipped message={_attribute(f'suppressed by {first.suppressed.by}: {first.suppressed.reason}')}/>"
    yield "    </testcase>"


def _attribute(text: str) -> str:
    return quoteattr(make_visible(text))


def _content(text: str) -> str:
    return escape(make_visible(text))
