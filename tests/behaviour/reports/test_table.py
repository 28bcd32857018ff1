"""The table: what a person sees at a terminal."""

import re

import pytest

from sample_reports import make_finding, make_findings, make_report, make_rules
from seawall.model.finding import Report, Summary
from seawall.model.resource import Location
from seawall.model.taxonomy import Severity
from seawall.policy.decide import decide
from seawall.reports import table


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
    shown = max(table.NARROWEST, min(width, table.WIDEST))
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
