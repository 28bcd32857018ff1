"""The table report: for a person at a terminal. What is wrong, where, why it matters, what to change, most urgent first.

A person reads one screen, not five hundred lines. The most urgent entries stand in full, the rest in two lines each, and
what is neither urgent nor able to fail the gate is counted only; the end of the report, which a terminal leaves in sight,
says what to start with. A short report stands in full, and so does every one that is asked for with `details`.

Colour only repeats what the words say, so the plain form loses nothing. Text from scanned files passes
`escaping.make_visible` and is never read as markup.
"""

from collections import Counter
from collections.abc import Mapping
from io import StringIO
from typing import TYPE_CHECKING

from seawall.model.decision import Decision
from seawall.model.finding import Finding, Report
from seawall.model.rule import Rule
from seawall.model.taxonomy import Severity
from seawall.reports.escaping import make_visible, split_lines
from seawall.reports.grouping import (
    Cause,
    Entry,
    count_by_layer,
    describe_package,
    describe_resource,
    describe_scope,
    group,
    is_flaw,
)
from seawall.reports.table_suppressed import print_suppressed
from seawall.reports.terminal import SEVERITY_STYLES, crop, finish, make_console, print_text, styled

if TYPE_CHECKING:
    from rich.console import Console

# What one entry may take: enough to recognise the cause, few enough that the next entry is still on the screen.
CAUSES_SHOWN, PLACES_SHOWN, SNIPPET_LINES = 3, 8, 4
# How many entries stand in full (about ten lines each), and how many of them the end of the report repeats.
IN_FULL, START_WITH = 5, 3
# Below this an entry is only counted, where the gate does not fail for it.
LISTED = Severity.MEDIUM
_SHORTEST_MESSAGE = 24

_MARGIN = 2


def render(
    report: Report,
    *,
    rules: Mapping[str, Rule] | None = None,
    decision: Decision | None = None,
    width: int = 100,
    colour: bool = False,
    details: bool = False,
    show_suppressed: bool = False,
) -> str:
    """Return the report as text for a terminal of `width` columns; without `colour` it has no escape sequence at all.

    With `details` every entry stands in full; with `show_suppressed` the findings that do not count are listed too.
    """
    out = StringIO()
    console = make_console(out, width=width, colour=colour)
    entries = group(report.findings)
    in_full, in_short, counted = _by_room(entries, decision, details=details)
    for entry in in_full:
        _print_entry(console, entry, (rules or {}).get(entry.rule))
    if in_short:
        print_text(console, styled((f"{len(in_short):,} more, in short", "dim")))
        for entry in in_short:
            _print_short_entry(console, entry)
        console.print()
    if any(is_flaw(finding) for finding in report.findings):
        from seawall.reports.table_packages import print_upgrades  # most scans have none

        print_upgrades(console, report.findings)
    if show_suppressed:
        print_suppressed(console, report.findings)
    _print_footer(console, report, entries, decision)
    if in_short or counted:
        _print_what_next(console, entries[:START_WITH], counted)
    return finish(out, colour=colour)


def _by_room(
    entries: list[Entry], decision: Decision | None, *, details: bool
) -> tuple[list[Entry], list[Entry], list[Entry]]:
    """Return the entries that stand in full, those that stand in short, and those that are only counted."""
    if details or len(entries) <= IN_FULL:
        return entries, [], []
    fail_on = decision.fail_on if decision is not None else None
    listed = LISTED.rank if fail_on is None else min(LISTED.rank, fail_on.rank)
    urgent = [entry for entry in entries if entry.severity.rank >= listed]
    # Where nothing is urgent, the first of the rest are the report.
    shown = urgent or entries
    return shown[:IN_FULL], shown[IN_FULL:], entries[len(shown) :]


def _print_heading(console: "Console", entry: Entry, *, label_width: int = 0) -> None:
    from rich.cells import cell_len

    label = f" {entry.severity.upper():<{label_width}} "
    title = make_visible(entry.title)
    noun = "flaw" if is_flaw(entry.causes[0].findings[0]) else "place"
    count = "" if label_width and entry.count == 1 else f" · {_count(entry.count, noun)}"
    right = make_visible(entry.rule) + count
    heading = styled((label, SEVERITY_STYLES[entry.severity]), (f" {title}", "bold"))
    gap = console.width - cell_len(heading.plain) - cell_len(right)
    if gap >= 2:
        heading.append(" " * gap).append(right, "dim")
        print_text(console, heading)
    else:
        print_text(console, heading)
        print_text(console, styled((right, "dim")), indent=_MARGIN)


def _print_short_entry(console: "Console", entry: Entry) -> None:
    """Print an entry as its heading and one line about its first place."""
    _print_heading(console, entry, label_width=max(len(severity) for severity in SEVERITY_STYLES))
    _print_in_a_line(console, entry.causes[0].findings[0])


def _print_in_a_line(console: "Console", finding: Finding, before: str = "") -> None:
    """Print place and message of `finding`, in one line where the place leaves room for that."""
    from rich.cells import cell_len

    place, what = f"{before}{_place(finding)}", make_visible(finding.message) or _subject(finding)
    left = console.width - _MARGIN - cell_len(place) - 2
    shown = crop(what, left) if left >= _SHORTEST_MESSAGE else what
    print_text(console, styled((place, ""), (f"  {shown}", "dim")), indent=_MARGIN, hang=2 + len(before))


def _print_entry(console: "Console", entry: Entry, rule: Rule | None) -> None:
    _print_heading(console, entry)
    if rule is not None:
        print_text(console, styled((make_visible(rule.why), "")), indent=_MARGIN)
    print_text(console, styled(("fix: ", "bold green"), (make_visible(entry.remediation), "")), indent=_MARGIN, hang=5)
    findings = [finding for cause in entry.causes for finding in cause.findings]
    if is_flaw(findings[0]):
        from seawall.reports.table_packages import print_flaws

        print_flaws(console, findings)
    else:
        for cause in entry.causes[:CAUSES_SHOWN]:
            _print_cause(console, cause)
        _print_remaining_causes(console, entry.causes[CAUSES_SHOWN:])
    console.print()


def _print_cause(console: "Console", cause: Cause) -> None:
    first = cause.findings[0]
    console.print()
    print_text(console, styled((_place(first), "bold"), (f"  {_subject(first)}", "")), indent=_MARGIN, hang=2)
    if first.message:
        print_text(console, styled((make_visible(first.message), "")), indent=_MARGIN)
    for line in describe_package(first):
        print_text(console, styled((line, "")), indent=_MARGIN)
    _print_snippet(console, first)
    _print_other_places(console, cause.findings[1:])


def _print_snippet(console: "Console", finding: Finding) -> None:
    """Print the source as a compiler does, with carets below the value; long lines are cut around the column."""
    from rich.cells import cell_len

    lines = split_lines(finding.snippet)
    if not lines or not any(line.strip() for line in lines):
        return
    location = finding.location
    gutter = len(str(location.line + min(len(lines), SNIPPET_LINES) - 1))
    room = console.width - _MARGIN - gutter - 4
    source = lines[0]
    start = min(max(location.column - 1, 0), len(source))
    end = location.end_column - 1 if location.end_line == location.line else len(source)
    end = max(start, min(end, len(source)))

    cut = 0
    if cell_len(make_visible(source)) > room:
        # Keep the value in sight: at most a third of the room goes to what stands before it.
        cut = max(0, start - room // 3)
    before, value = make_visible(source[cut:start]), make_visible(source[start:end])
    prefix = "…" if cut else ""
    shown = crop(prefix + make_visible(source[cut:]), room)
    caret_at = cell_len(prefix + before)
    carets = max(1, min(cell_len(value), room - caret_at))
    _print_source_line(console, str(location.line).rjust(gutter), shown)
    if caret_at < room:
        _print_source_line(
            console, " " * gutter, " " * caret_at + "^" * carets, style=SEVERITY_STYLES[finding.severity]
        )
    for offset, line in enumerate(lines[1:SNIPPET_LINES], start=1):
        if location.line + offset > location.end_line:
            break
        _print_source_line(console, str(location.line + offset).rjust(gutter), crop(make_visible(line), room))


def _print_source_line(console: "Console", gutter: str, source: str, style: str = "") -> None:
    print_text(console, styled((f"{gutter} │ ", "dim"), (source, style)), indent=_MARGIN, wrap=False)


def _print_other_places(console: "Console", findings: list[Finding]) -> None:
    if not findings:
        return
    print_text(console, styled((f"and the same at {_count(len(findings), 'more place')}:", "")), indent=_MARGIN)
    for finding in findings[:PLACES_SHOWN]:
        subject = describe_resource(finding.resource)
        print_text(console, styled((_place(finding), ""), (f"  {subject}", "dim")), indent=_MARGIN + 2, hang=2)
    _print_left_out(console, findings[PLACES_SHOWN:])


def _print_remaining_causes(console: "Console", causes: list[Cause]) -> None:
    findings = [finding for cause in causes for finding in cause.findings]
    if not findings:
        return
    console.print()
    print_text(
        console, styled((f"and at {_count(len(findings), 'more place')}, written differently:", "")), indent=_MARGIN
    )
    for finding in findings[:PLACES_SHOWN]:
        what = f"  {describe_resource(finding.resource)}: {make_visible(finding.message)}"
        print_text(console, styled((_place(finding), ""), (what, "dim")), indent=_MARGIN + 2, hang=2)
    _print_left_out(console, findings[PLACES_SHOWN:])


def _print_left_out(console: "Console", findings: list[Finding]) -> None:
    if findings:
        files = len({finding.location.path for finding in findings})
        left = f"… {len(findings)} more in {_count(files, 'file')} (--format json has them all)"
        print_text(console, styled((left, "dim")), indent=_MARGIN + 2)


def _print_footer(console: "Console", report: Report, entries: list[Entry], decision: Decision | None) -> None:
    print_text(console, styled(("─" * console.width, "dim")))
    print_text(console, styled(("Scanned ", "bold"), (_describe_scope(report), "")), hang=2)
    if entries:
        _print_counts(console, report)
    else:
        print_text(console, styled(("No findings.", "bold green" if not report.unscanned else "bold")))
    suppressed = Counter(finding.suppressed.by for finding in report.findings if finding.suppressed is not None)
    if report.summary.suppressed:
        by = ", ".join(f"{suppressed[name]} by {name}" for name in sorted(suppressed))
        print_text(
            console, styled(("Suppressed ", "bold"), (f"{report.summary.suppressed}{f' ({by})' if by else ''}", ""))
        )
    if report.unscanned:
        print_text(console, styled((f"Not scanned: {_count(len(report.unscanned), 'input')}", "bold red")))
        for item in report.unscanned:
            print_text(
                console, styled((make_visible(item.path), "red"), (f": {make_visible(item.reason)}", "")), 2, hang=2
            )
    if decision is not None:
        verdict = ("PASS", "bold green") if decision.allowed else ("FAIL", "bold red")
        reasons = "; ".join([*decision.reasons, *decision.warnings])
        print_text(console, styled(verdict, (f" (exit status {decision.exit_status}): {reasons}", "")), hang=2)


def _print_what_next(console: "Console", first: list[Entry], counted: list[Entry]) -> None:
    print_text(console, styled(("Start with", "bold")))
    for number, entry in enumerate(first, start=1):
        before = f"{number}. "
        _print_in_a_line(console, entry.causes[0].findings[0], before)
        fix = styled(("fix: ", "bold green"), (make_visible(entry.remediation), ""))
        print_text(console, fix, indent=_MARGIN + len(before), hang=5)
    left_out = Counter[Severity]()
    for entry in counted:
        left_out[entry.severity] += entry.count
    what = " and ".join(f"{left_out[severity]:,} {severity}" for severity in reversed(Severity) if left_out[severity])
    hidden = f" ({what} are only counted here)" if what else ""
    line = (
        ("--details", "cyan"),
        (f" shows all findings in full{hidden}; ", ""),
        (f"--only {make_visible(first[0].rule)}", "cyan"),
    )
    print_text(console, styled(("Next ", "bold"), *line, (" shows one rule", "")), hang=5)


def _print_counts(console: "Console", report: Report) -> None:
    order = list(reversed(Severity))
    counts = count_by_layer(report.findings)
    rows = [(str(layer), counts[layer]) for layer in counts if counts[layer]]
    if len(rows) > 1:
        rows.append(("total", sum((row[1] for row in rows), Counter())))
    print_text(console, styled((" " * 11 + "".join(f"{severity:>9}" for severity in order), "dim")), wrap=False)
    for name, row in rows:
        line = styled((f"{name:<11}", "bold"))
        for severity in order:
            line.append(f"{row[severity] or '·':>9}", SEVERITY_STYLES[severity] if row[severity] else "dim")
        print_text(console, line, wrap=False)


def _describe_scope(report: Report) -> str:
    targets = ", ".join(f"{make_visible(target.name)} ({target.type})" for target in report.targets) or "nothing"
    summary = report.summary
    return f"{targets}: {describe_scope(summary)} against {_count(summary.rules, 'rule')}"


def _place(finding: Finding) -> str:
    location = finding.location
    return f"{make_visible(location.path)}:{location.line}:{location.column}"


def _subject(finding: Finding) -> str:
    field = f" {make_visible(finding.field)}" if finding.field else ""
    return f"{describe_resource(finding.resource)}{field}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
