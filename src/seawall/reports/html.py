"""A self-contained HTML report: one file, no script, nothing loaded from anywhere, light and dark, filtered by CSS alone.

The page forbids itself every resource (Content-Security-Policy), so that even a mistake in escaping could load and run nothing.
"""

from collections.abc import Iterator, Mapping
from html import escape
from importlib.resources import files

from seawall.model.decision import Decision
from seawall.model.finding import Finding, Report
from seawall.model.rule import Rule
from seawall.model.taxonomy import Layer, Severity
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

# A browser lays out a page of this many rows at once; a report of 70,000 findings must still open.
PLACES_SHOWN, LONGEST_LINE = 200, 400


def render(report: Report, *, rules: Mapping[str, Rule] | None = None, decision: Decision | None = None) -> str:
    """Return the page."""
    return "\n".join(_write_page(report, rules or {}, decision)) + "\n"


def _write_page(report: Report, rules: Mapping[str, Rule], decision: Decision | None) -> Iterator[str]:
    entries = group(report.findings)
    style = (files("seawall.reports") / "html_style.css").read_text("utf-8")
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>Seawall report</title>'
    yield f"<style>\n{style}{_write_filter_rules()}</style>\n</head>\n<body>"
    yield "<header><h1>Seawall report</h1>"
    targets = ", ".join(f"{target.name} ({target.type})" for target in report.targets) or "nothing"
    yield f"<p>{describe_scope(report.summary)} in <b>{_text(targets)}</b> against {report.summary.rules} rules"
    yield f"· {_text(report.tool.name)} {_text(report.tool.version)}</p>"
    if decision is not None:
        verdict, name = ("Passed", "passed") if decision.allowed else ("Failed", "failed")
        reasons = _text("; ".join([*decision.reasons, *decision.warnings]))
        yield f'<p class="verdict {name}"><b>{verdict}</b> (exit status {decision.exit_status}): {reasons}</p>'
    yield "</header>\n<main>"
    yield from _write_counts(report)
    yield from _write_unscanned(report)
    if any(is_flaw(finding) for finding in report.findings):
        yield from _write_upgrades(report)
    if entries:
        yield from _write_filters(entries)
        yield '<section aria-label="Findings">'
        for entry in entries:
            yield from _write_entry(entry, rules.get(entry.rule))
        yield "</section>"
    elif not report.unscanned:
        yield "<p><b>No findings.</b></p>"
    yield from _write_suppressed(report)
    yield "</main>\n</body>\n</html>"


def _write_filter_rules() -> str:
    words = [*(f"severity-{severity}" for severity in Severity), *(f"layer-{layer}" for layer in Layer)]
    return "".join(f"body:has(#{word}:not(:checked)) .{word} {{ display: none }}\n" for word in words)


def _write_counts(report: Report) -> Iterator[str]:
    counts = count_by_layer(report.findings)
    order = list(reversed(Severity))
    yield '<table class="counts"><caption>Findings by layer and severity</caption><thead><tr><th scope="col">Layer</th>'
    yield "".join(f'<th scope="col">{severity}</th>' for severity in order) + "</tr></thead><tbody>"
    for layer, row in counts.items():
        cells = "".join(
            f'<td class="{severity if row[severity] else "none"}">{row[severity]}</td>' for severity in order
        )
        yield f'<tr><th scope="row">{layer}</th>{cells}</tr>'
    yield "</tbody></table>"


def _write_unscanned(report: Report) -> Iterator[str]:
    if report.unscanned:
        yield f'<section class="unscanned" aria-label="Not scanned"><h2>Not scanned: {len(report.unscanned)}</h2><ul>'
        for item in report.unscanned[:PLACES_SHOWN]:
            yield f"<li><code>{_text(item.path)}</code>: {_text(item.reason)}</li>"
        yield from _write_left_out(len(report.unscanned))
        yield "</ul></section>"


def _write_upgrades(report: Report) -> Iterator[str]:
    """Yield what to upgrade: a person upgrades packages and not flaws."""
    from seawall.reports.packages import describe_flaws, describe_upgrade, upgrades

    found = upgrades(report.findings)
    if not found:
        return
    yield '<section aria-label="What to upgrade"><h2>What to upgrade</h2><table class="counts upgrades"><thead><tr>'
    yield '<th scope="col">Package</th><th scope="col">Flaws</th><th scope="col">Where</th></tr></thead><tbody>'
    for upgrade in found[:PLACES_SHOWN]:
        location = upgrade.findings[0].location
        yield f'<tr><th scope="row">{_text(describe_upgrade(upgrade))}</th><td>{_text(describe_flaws(upgrade))}</td>'
        yield f"<td><code>{_text(f'{location.path}:{location.line}')}</code></td></tr>"
    yield "</tbody></table>"
    if len(found) > PLACES_SHOWN:
        yield f"<p>and {len(found) - PLACES_SHOWN} more: <code>--format json</code> has them all</p>"
    yield "</section>"


def _write_filters(entries: list[Entry]) -> Iterator[str]:
    severities = {entry.severity for entry in entries}
    layers = {entry.layer for entry in entries}
    yield '<form class="filters">'
    groups: list[tuple[str, str, list[str]]] = [
        ("Severity", "severity", [word for word in reversed(Severity) if word in severities]),
        ("Layer", "layer", [word for word in Layer if word in layers]),
    ]
    for legend, name, words in groups:
        yield f"<fieldset><legend>{legend}</legend>"
        for word in words:
            yield f'<label><input type="checkbox" id="{name}-{word}" checked autocomplete="off"> {word}</label>'
        yield "</fieldset>"
    yield "</form>"


def _write_entry(entry: Entry, rule: Rule | None) -> Iterator[str]:
    places = "1 place" if entry.count == 1 else f"{entry.count} places"
    yield f'<article class="entry severity-{entry.severity} layer-{entry.layer}">'
    yield f'<h2><span class="badge {entry.severity}">{entry.severity}</span> {_text(entry.title)}</h2>'
    yield f'<p class="about"><code>{_text(entry.rule)}</code> · {entry.layer} · confidence {entry.confidence} · {places}</p>'
    if rule is not None:
        yield f"<p>{_text(rule.why)}</p>"
    yield f"<p><b>What to change:</b> {_text(entry.remediation)}</p>"
    for cause in entry.causes[:3]:
        yield from _write_finding(cause.findings[0])
    shown = {id(cause.findings[0]) for cause in entry.causes[:3]}
    rest = [finding for cause in entry.causes for finding in cause.findings if id(finding) not in shown]
    if rest:
        yield f"<details><summary>{len(rest)} more {'place' if len(rest) == 1 else 'places'}</summary><ul>"
        for finding in rest[:PLACES_SHOWN]:
            yield f"<li>{_describe(finding)}</li>"
        yield from _write_left_out(len(rest))
        yield "</ul></details>"
    references = [reference for reference in (rule.references if rule else []) if reference.startswith("https://")]
    if references:
        links = ", ".join(
            f'<a rel="noreferrer" href="{_text(reference)}">{_text(reference)}</a>' for reference in references
        )
        yield f'<p class="about">Read more: {links}</p>'
    yield "</article>"


def _write_finding(finding: Finding) -> Iterator[str]:
    yield f'<div class="place"><p>{_describe(finding)}</p>'
    for line in describe_package(finding):
        yield f"<p>{_text(line)}</p>"
    if finding.snippet.strip():
        yield f"<pre><code>{_mark_value(finding)}</code></pre>"
    yield "</div>"


def _mark_value(finding: Finding) -> str:
    """Return the first source line with its number, the offending value marked."""
    location = finding.location
    line = split_lines(finding.snippet)[0]
    start = min(location.column - 1, len(line))
    end = location.end_column - 1 if location.end_line == location.line else len(line)
    before, value, after = line[:start], line[start : max(start, end)], line[max(start, end) :]
    before = before if len(before) <= LONGEST_LINE else f"…{before[-LONGEST_LINE:]}"
    marked = f"<mark>{_text(shorten(value, LONGEST_LINE))}</mark>" if value else ""
    return f'<span class="number">{location.line}</span>{_text(before)}{marked}{_text(shorten(after, LONGEST_LINE))}'


def _write_suppressed(report: Report) -> Iterator[str]:
    suppressed = [finding for finding in report.findings if finding.suppressed is not None]
    if suppressed:
        yield f"<details><summary>Suppressed: {len(suppressed)}</summary><ul>"
        for finding in suppressed[:PLACES_SHOWN]:
            why = finding.suppressed
            place = f" ({why.at})" if why and why.at else ""
            until = f" (until {why.expires})" if why and why.expires else ""
            reason = f"{why.by}{place}: {why.reason}{until}" if why else ""
            yield f"<li>{_describe(finding)}<br>{_text(finding.rule)}, by {_text(reason)}</li>"
        yield from _write_left_out(len(suppressed))
        yield "</ul></details>"


def _write_left_out(count: int) -> Iterator[str]:
    if count > PLACES_SHOWN:
        yield f"<li>and {count - PLACES_SHOWN} more: <code>--format json</code> has them all</li>"


def _describe(finding: Finding) -> str:
    location = finding.location
    place = _text(f"{location.path}:{location.line}:{location.column}")
    field = f" <code>{_text(finding.field)}</code>" if finding.field else ""
    return f"<b>{place}</b> {_text(describe_resource(finding.resource))}{field}: {_text(finding.message)}"


def _text(text: str) -> str:
    return escape(make_visible(text), quote=True)
