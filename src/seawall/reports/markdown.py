"""Markdown for a comment on a pull request: bounded, and saying so where it leaves something out.

What comes from a scanned file stands in code spans and fences only, where neither HTML nor links nor mentions are read.
"""

from collections.abc import Iterator, Mapping

from seawall.model.decision import Decision
from seawall.model.finding import Finding, Report
from seawall.model.rule import Rule
from seawall.model.taxonomy import Severity
from seawall.reports.escaping import make_visible, shorten, split_lines
from seawall.reports.grouping import (
    Entry,
    count_by_layer,
    describe_package,
    describe_resource,
    describe_scope,
    group,
    is_flaw,
)
from seawall.reports.markdown_text import cell_code, code, fenced, prose

# GitHub refuses a comment of more than 65,536 characters; GitLab and Gitea allow more.
MOST_CHARACTERS = 65_000
PLACES_SHOWN, LONGEST_LINE, LONGEST_TEXT = 20, 200, 400
_ENDING_ROOM = 2_000  # for the sentence about what was left out and for the end of what was not scanned


def render(report: Report, *, rules: Mapping[str, Rule] | None = None, decision: Decision | None = None) -> str:
    """Return `report` as GitHub-flavoured Markdown of at most `MOST_CHARACTERS` characters."""
    entries = group(report.findings)
    text = "".join(_write_head(report, decision))
    if any(is_flaw(finding) for finding in report.findings):
        text += "".join(_write_upgrades(report))
    left_out: list[Entry] = []
    for entry in entries:
        block = "".join(_write_entry(entry, (rules or {}).get(entry.rule)))
        if left_out or len(text) + len(block) > MOST_CHARACTERS - _ENDING_ROOM:
            left_out.append(entry)
        else:
            text += block
    if left_out:
        findings = sum(entry.count for entry in left_out)
        text += (
            f"**Cut short:** {len(left_out)} less urgent entries with {findings} findings do not fit into a comment. "
        )
        text += "`--format html` or `--format json` has them all.\n"
    return text


def _write_head(report: Report, decision: Decision | None) -> Iterator[str]:
    if decision is None:
        yield "## Seawall\n\n"
    else:
        yield f"## Seawall: {'passed' if decision.allowed else 'failed'}\n\n"
        yield "".join(f"- {prose(reason)}\n" for reason in [*decision.reasons, *decision.warnings]) + "\n"
    targets = ", ".join(code(shorten(target.name, LONGEST_TEXT)) for target in report.targets[:10]) or "nothing"
    summary = report.summary
    yield f"{describe_scope(summary)} in {targets} against {summary.rules} rules; {summary.suppressed} suppressed.\n\n"
    counts = count_by_layer(report.findings)
    if any(counts.values()):
        order = list(reversed(Severity))
        yield f"| layer | {' | '.join(order)} |\n| --- |{' ---: |' * len(order)}\n"
        for layer, row in counts.items():
            if row:
                yield f"| {layer} | {' | '.join(str(row[severity]) for severity in order)} |\n"
        yield "\n"
    elif not report.unscanned:
        yield "No findings.\n\n"
    if report.unscanned:
        yield f"### Not scanned: {len(report.unscanned)}\n\n"
        for item in report.unscanned[:PLACES_SHOWN]:
            yield f"- {code(shorten(item.path, LONGEST_TEXT))}: {code(shorten(item.reason, LONGEST_TEXT))}\n"
        if len(report.unscanned) > PLACES_SHOWN:
            yield f"- and {len(report.unscanned) - PLACES_SHOWN} more\n"
        yield "\n"


def _write_upgrades(report: Report) -> Iterator[str]:
    """Yield what to upgrade, as a table of the most urgent packages."""
    from seawall.reports.packages import describe_flaws, describe_upgrade, upgrades

    found = upgrades(report.findings)
    if sum(upgrade.flaws for upgrade in found) < 2:
        return
    yield "### What to upgrade\n\n| package | flaws | where |\n| --- | --- | --- |\n"
    for upgrade in found[:PLACES_SHOWN]:
        location = upgrade.findings[0].location
        cells = (describe_upgrade(upgrade), describe_flaws(upgrade), f"{location.path}:{location.line}")
        yield f"| {' | '.join(cell_code(shorten(make_visible(cell), LONGEST_LINE)) for cell in cells)} |\n"
    if len(found) > PLACES_SHOWN:
        yield f"\nand {len(found) - PLACES_SHOWN} more packages\n"
    yield "\n"


def _write_entry(entry: Entry, rule: Rule | None) -> Iterator[str]:
    places = "1 place" if entry.count == 1 else f"{entry.count} places"
    yield f"### {entry.severity.upper()}: {prose(entry.title)} ({places})\n\n"
    if rule is not None:
        yield f"{prose(rule.why)}\n\n"
    yield f"**What to change:** {prose(entry.remediation)} (rule {code(entry.rule)})\n\n"
    findings = [finding for cause in entry.causes for finding in cause.findings]
    yield from _write_finding(findings[0])
    if len(findings) > 1:
        yield f"<details><summary>{len(findings) - 1} more</summary>\n\n"
        for finding in findings[1:PLACES_SHOWN]:
            yield f"- {_describe(finding)}\n"
        if len(findings) > PLACES_SHOWN:
            yield f"- and {len(findings) - PLACES_SHOWN} more places\n"
        yield "\n</details>\n\n"


def _write_finding(finding: Finding) -> Iterator[str]:
    yield f"{_describe(finding)}\n\n"
    for line in describe_package(finding):
        yield f"{code(shorten(line, LONGEST_TEXT))}\n\n"
    lines = [shorten(make_visible(line), LONGEST_LINE) for line in split_lines(finding.snippet)[:6]]
    if any(line.strip() for line in lines):
        yield fenced(lines) + "\n"


def _describe(finding: Finding) -> str:
    location = finding.location
    place = code(shorten(f"{location.path}:{location.line}:{location.column}", LONGEST_TEXT))
    what = code(shorten(f"{describe_resource(finding.resource)}: {finding.message}", LONGEST_TEXT))
    return f"{place} {what}"
