"""The table: what a person sees at a terminal."""

import re

import pytest

from sample_reports import make_finding, make_findings, make_report, make_rules
from seawall.model.finding import Finding, Report, Summary
from seawall.model.resource import Location
from seawall.model.taxonomy import Severity
from seawall.policy.decide import decide
from seawall.reports import table, terminal


def _render(report: Report, **options: object) -> str:
    return table.render(report, rules=make_rules(), **options)  # type: ignore[arg-type]


def test_the_most_urgent_entry_comes_first() -> None:
    text = _render(make_report())
    assert text.index("CRITICAL") < text.index("HIGH") < text.index("MEDIUM")


def test_one_root_cause_at_fifty_places_is_one_entry() -> None:
    findings = [
        make_finding(id=str(number), location=Location(f"chart/{number}.yaml", 9, 23, 9, 27), message=f"c{number}")
        for number in range(50)
    ]
    text = _render(make_report(findings=findings))
    assert text.count("Container runs privileged") == 1
    assert "privileged-container · 50 places" in text
    assert "and the same at 49 more places:" in text
    assert "… 41 more in 41 files (--format json has them all)" in text


def test_the_caret_line_stands_under_the_value_also_after_wide_characters() -> None:
    finding = make_finding(location=Location("a.yaml", 3, 7, 3, 11), snippet="  日本: true")
    lines = _render(make_report(findings=[finding])).splitlines()
    source = next(line for line in lines if "3 │" in line)
    caret = lines[lines.index(source) + 1]
    # Two wide characters take two columns each: the caret stands two columns further right than the character count says.
    assert caret.index("^") == source.index("true") + 2
    finding = make_finding(location=Location("a.yaml", 3, 7, 3, 11), snippet="  ab: true # yes")
    lines = _render(make_report(findings=[finding])).splitlines()
    source = next(line for line in lines if "3 │" in line)
    caret = lines[lines.index(source) + 1]
    assert (caret.index("^"), caret.count("^")) == (source.index("true"), 4)


def test_a_very_long_source_line_is_cut_around_the_value() -> None:
    line = '{"a":"' + "x" * 5000 + '","privileged":true,"b":"' + "y" * 5000 + '"}'
    column = line.index("true") + 1
    finding = make_finding(location=Location("a.json", 1, column, 1, column + 4), snippet=line)
    text = _render(make_report(findings=[finding]), width=80)
    source = next(shown for shown in text.splitlines() if shown.startswith("  1 │"))
    assert '"privileged":true' in source
    assert len(source) <= 80
    caret = text.splitlines()[text.splitlines().index(source) + 1]
    assert caret.index("^^^^") == source.index("true")


@pytest.mark.parametrize("width", [20, 80, 120, 200, 500])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    shown = max(terminal.NARROWEST, min(width, terminal.WIDEST))
    from rich.cells import cell_len

    text = _render(make_report(), width=width, decision=decide(make_report(), fail_on=Severity.LOW))
    assert max(cell_len(line) for line in text.splitlines()) <= shown


def test_text_of_a_manifest_cannot_send_terminal_sequences_even_with_colour() -> None:
    plain = _render(make_report(), colour=False)
    assert "\x1b" not in plain
    assert "\x07" not in plain
    coloured = _render(make_report(), colour=True)
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured).count("\x1b") == 0
    assert "\\e[2J" in coloured


def test_nothing_found_says_what_was_checked() -> None:
    summary = Summary(resources=14, rules=131, findings={}, suppressed=0, unscanned=0)
    report = make_report(findings=[], unscanned=[], summary=summary)
    text = _render(report, decision=decide(report, fail_on=Severity.HIGH))
    assert "Scanned deploy (directory): 14 resources against 131 rules" in text
    assert "No findings." in text
    assert "PASS (exit status 0): no finding at or above high" in text


def test_what_was_not_scanned_is_named_with_its_reason() -> None:
    text = _render(make_report())
    assert "Not scanned: 1 input\n  charts/shop: helm is not on PATH" in text


def test_suppressed_findings_are_counted_and_not_shown() -> None:
    text = _render(make_report(findings=make_findings()))
    assert "Suppressed 1 (1 by annotation)" in text
    assert "cni" not in text


def _many_entries() -> list[Finding]:
    """Return findings of eight rules: three high, four medium (one at two places), one low."""
    severities = [Severity.HIGH] * 3 + [Severity.MEDIUM] * 4 + [Severity.LOW]
    findings = [
        make_finding(id=str(n), rule=f"rule-{n}", title=f"Title {n}", severity=severity, message=f"message {n}")
        for n, severity in enumerate(severities)
    ]
    place = Location("deploy/other.yaml", 3, 5, 3, 9)
    return [*findings, make_finding(**{**_fields(findings[6]), "id": "twin", "location": place})]


def _fields(finding: Finding) -> dict[str, object]:
    return {"rule": finding.rule, "title": finding.title, "severity": finding.severity, "message": finding.message}


def test_the_most_urgent_entries_stand_in_full_and_the_others_in_two_lines() -> None:
    text = _render(make_report(findings=_many_entries()))
    assert text.count("31 │") == table.IN_FULL
    short = text[text.index(" MEDIUM    Title 6") :].splitlines()
    assert short[0].endswith("rule-6 · 2 places")
    assert short[1] == "  deploy/api.yaml:31:23  message 6"


def test_minor_findings_are_counted_where_something_is_urgent_and_details_show_them() -> None:
    report = make_report(findings=_many_entries())
    text = _render(report)
    assert "Title 7" not in text
    assert "(1 low are only counted here)" in text
    whole = _render(report, details=True)
    assert "Title 7" in whole
    assert "Start with" not in whole


def test_a_finding_that_fails_the_gate_is_never_only_counted() -> None:
    report = make_report(findings=_many_entries(), unscanned=[])
    assert "Title 7" in _render(report, decision=decide(report, fail_on=Severity.LOW))


def test_minor_findings_are_listed_where_they_are_all_there_is() -> None:
    findings = [
        make_finding(id=str(n), rule=f"rule-{n}", title=f"Title {n}", severity=Severity.INFO, message=f"message {n}")
        for n in range(9)
    ]
    text = _render(make_report(findings=findings))
    assert all(f"Title {n}" in text for n in range(9))


def test_the_end_of_a_long_report_says_what_to_start_with() -> None:
    text = _render(make_report(findings=_many_entries()))
    end = text[text.index("Start with") :].splitlines()
    assert end[1] == "  1. deploy/api.yaml:31:23  message 0"
    assert end[2] == "     fix: Drop privileged and add the one capability that is needed."
    assert len([line for line in end if "fix:" in line]) == table.START_WITH
