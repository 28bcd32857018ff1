"""The table report: for a person at a terminal. What is wrong, where, why it matters, what to change, most urgent first.

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
from seawall.reports.grouping import Cause, Entry, count_by_layer, describe_package, describe_resource, group

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

NARROWEST, WIDEST = 60, 200
# What one entry may take: enough to recognise the cause, few enough that the next entry is still on the screen.
CAUSES_SHOWN, PLACES_SHOWN, SNIPPET_LINES = 3, 8, 4

_STYLES = {
    Severity.CRITICAL: "bold white on red",
    Severity.HIGH: "bold red",
    Severity.MEDIUM: "bold yellow",
    Severity.LOW: "cyan",
    Severity.INFO: "blue",
}
_MARGIN = 2


def render(
    report: Report,
    *,
    rules: Mapping[str, Rule] | None = None,
    decision: Decision | None = None,
    width: int = 100,
    colour: bool = False,
) -> str:
    """Return the report as text for a terminal of `width` columns; without `colour` it has no escape sequence at all."""
    from rich.console import Console

    out = StringIO()
    console = Console(
        file=out,
        width=max(NARROWEST, min(width, WIDEST)),
        force_terminal=colour,
        no_color=not colour,
        color_system="standard" if colour else None,
        legacy_windows=False,
        highlight=False,
        markup=False,
        emoji=False,
        soft_wrap=False,
        _environ={},
    )
    entries = group(report.findings)
    for entry in entries:
        _print_entry(console, entry, (rules or {}).get(entry.rule))
    _print_footer(console, report, entries, decision)
    return "\n".join(line.rstrip() for line in out.getvalue().split("\n")) if not colour else out.getvalue()


def _print_entry(console: "Console", entry: Entry, rule: Rule | None) -> None:
    from rich.cells import cell_len

    label = f" {entry.severity.upper()} "
    title = make_visible(entry.title)
    count = "1 place" if entry.count == 1 else f"{entry.count} places"
    right = f"{make_visible(entry.rule)} · {count}"
    heading = _text((label, _STYLES[entry.severity]), (f" {title}", "bold"))
    gap = console.width - cell_len(heading.plain) - cell_len(right)
    if gap >= 2:
        heading.append(" " * gap).append(right, "dim")
        _print(console, heading)
    else:
        _print(console, heading)
        _print(console, _text((right, "dim")), indent=_MARGIN)
    if rule is not None:
        _print(console, _text((make_visible(rule.why), "")), indent=_MARGIN)
    _print(console, _text(("fix: ", "bold green"), (make_visible(entry.remediation), "")), indent=_MARGIN, hang=5)
    for cause in entry.causes[:CAUSES_SHOWN]:
        _print_cause(console, cause)
    _print_remaining_causes(console, entry.causes[CAUSES_SHOWN:])
    console.print()


def _print_cause(console: "Console", cause: Cause) -> None:
    first = cause.findings[0]
    console.print()
    _print(console, _text((_place(first), "bold"), (f"  {_subject(first)}", "")), indent=_MARGIN, hang=2)
    if first.message:
        _print(console, _text((make_visible(first.message), "")), indent=_MARGIN)
    for line in describe_package(first):
        _print(console, _text((line, "")), indent=_MARGIN)
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
    shown = _crop(prefix + make_visible(source[cut:]), room)
    caret_at = cell_len(prefix + before)
    carets = max(1, min(cell_len(value), room - caret_at))
    _print_source_line(console, str(location.line).rjust(gutter), shown)
    if caret_at < room:
        _print_source_line(console, " " * gutter, " " * caret_at + "^" * carets, style=_STYLES[finding.severity])
    for offset, line in enumerate(lines[1:SNIPPET_LINES], start=1):
        if location.line + offset > location.end_line:
            break
        _print_source_line(console, str(location.line + offset).rjust(gutter), _crop(make_visible(line), room))


def _print_source_line(console: "Console", gutter: str, source: str, style: str = "") -> None:
    _print(console, _text((f"{gutter} │ ", "dim"), (source, style)), indent=_MARGIN, wrap=False)


def _print_other_places(console: "Console", findings: list[Finding]) -> None:
    if not findings:
        return
    _print(console, _text((f"and the same at {_count(len(findings), 'more place')}:", "")), indent=_MARGIN)
    for finding in findings[:PLACES_SHOWN]:
        subject = describe_resource(finding.resource)
        _print(console, _text((_place(finding), ""), (f"  {subject}", "dim")), indent=_MARGIN + 2, hang=2)
    _print_left_out(console, findings[PLACES_SHOWN:])


def _print_remaining_causes(console: "Console", causes: list[Cause]) -> None:
    findings = [finding for cause in causes for finding in cause.findings]
    if not findings:
        return
    console.print()
    _print(console, _text((f"and at {_count(len(findings), 'more place')}, written differently:", "")), indent=_MARGIN)
    for finding in findings[:PLACES_SHOWN]:
        what = f"  {describe_resource(finding.resource)}: {make_visible(finding.message)}"
        _print(console, _text((_place(finding), ""), (what, "dim")), indent=_MARGIN + 2, hang=2)
    _print_left_out(console, findings[PLACES_SHOWN:])


def _print_left_out(console: "Console", findings: list[Finding]) -> None:
    if findings:
        files = len({finding.location.path for finding in findings})
        left = f"… {len(findings)} more in {_count(files, 'file')} (--format json has them all)"
        _print(console, _text((left, "dim")), indent=_MARGIN + 2)


def _print_footer(console: "Console", report: Report, entries: list[Entry], decision: Decision | None) -> None:
    _print(console, _text(("─" * console.width, "dim")))
    _print(console, _text(("Scanned ", "bold"), (_describe_scope(report), "")), hang=2)
    if entries:
        _print_counts(console, report)
    else:
        _print(console, _text(("No findings.", "bold green" if not report.unscanned else "bold")))
    suppressed = Counter(finding.suppressed.by for finding in report.findings if finding.suppressed is not None)
    if report.summary.suppressed:
        by = ", ".join(f"{suppressed[name]} by {name}" for name in sorted(suppressed))
        _print(console, _text(("Suppressed ", "bold"), (f"{report.summary.suppressed}{f' ({by})' if by else ''}", "")))
    if report.unscanned:
        _print(console, _text((f"Not scanned: {_count(len(report.unscanned), 'input')}", "bold red")))
        for item in report.unscanned:
            _print(console, _text((make_visible(item.path), "red"), (f": {make_visible(item.reason)}", "")), 2, hang=2)
    if decision is not None:
        verdict = ("PASS", "bold green") if decision.allowed else ("FAIL", "bold red")
        reasons = "; ".join([*decision.reasons, *decision.warnings])
        _print(console, _text(verdict, (f" (exit status {decision.exit_status}): {reasons}", "")), hang=2)
    if entries:
        steps = f"seawall scan --only {make_visible(entries[0].rule)}"
        _print(console, _text(("Next ", "bold"), (steps, "cyan"), (" shows that rule alone", "")))


def _print_counts(console: "Console", report: Report) -> None:
    order = list(reversed(Severity))
    counts = count_by_layer(report.findings)
    rows = [(str(layer), counts[layer]) for layer in counts if counts[layer]]
    if len(rows) > 1:
        rows.append(("total", sum((row[1] for row in rows), Counter())))
    _print(console, _text((" " * 11 + "".join(f"{severity:>9}" for severity in order), "dim")), wrap=False)
    for name, row in rows:
        line = _text((f"{name:<11}", "bold"))
        for severity in order:
            line.append(f"{row[severity] or '·':>9}", _STYLES[severity] if row[severity] else "dim")
        _print(console, line, wrap=False)


def _describe_scope(report: Report) -> str:
    targets = ", ".join(f"{make_visible(target.name)} ({target.type})" for target in report.targets) or "nothing"
    summary = report.summary
    return f"{targets}: {_count(summary.resources, 'resource')} against {_count(summary.rules, 'rule')}"


def _place(finding: Finding) -> str:
    location = finding.location
    return f"{make_visible(location.path)}:{location.line}:{location.column}"


def _subject(finding: Finding) -> str:
    field = f" {make_visible(finding.field)}" if finding.field else ""
    return f"{describe_resource(finding.resource)}{field}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _text(*spans: tuple[str, str]) -> "Text":
    from rich.text import Text

    return Text.assemble(*spans)


def _crop(text: str, room: int) -> str:
    from rich.cells import cell_len, set_cell_size

    return text if cell_len(text) <= room else f"{set_cell_size(text, room - 1)}…"


def _print(console: "Console", text: "Text", indent: int = 0, *, hang: int = 0, wrap: bool = True) -> None:
    """Print `text` from column `indent`; lines that it wraps to start `hang` columns further right."""
    if not wrap:
        console.print(_text((" " * indent, "")) + text, no_wrap=True, overflow="ignore", crop=False)
        return
    room = console.width - indent
    lines = text.wrap(console, room - hang if hang else room, tab_size=1)
    if hang and len(text.plain) <= room:
        lines = text.wrap(console, room, tab_size=1)
    for number, line in enumerate(lines):
        line.rstrip()
        console.print(
            _text((" " * (indent + (hang if number else 0)), "")) + line, no_wrap=True, overflow="fold", crop=False
        )
