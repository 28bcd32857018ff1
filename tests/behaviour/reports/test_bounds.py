"""Reports stay readable, and accepted by what reads them, however many findings there are."""

from sample_reports import make_finding, make_report, make_rules
from seawall.model.finding import Finding
from seawall.model.resource import Location
from seawall.reports import github, html, junit, markdown


def _many(count: int) -> list[Finding]:
    return [
        make_finding(id=str(n), rule=f"rule-{n % 300}", location=Location(f"d/{n}.yaml", n + 1, 23, n + 1, 27))
        for n in range(count)
    ]


def test_a_comment_is_never_longer_than_github_takes_and_says_what_it_left_out() -> None:
    text = markdown.render(make_report(findings=_many(6000)), rules=make_rules())
    assert len(text) <= 65_536
    assert "less urgent entries with" in text
    assert "do not fit into a comment" in text


def test_annotations_are_bounded_and_start_with_one_of_every_cause() -> None:
    lines = github.render(make_report(findings=_many(6000), unscanned=[])).splitlines()
    assert len(lines) == github.MOST_PER_KIND + 1
    assert lines[-1].endswith("5950 more findings: see the full report")
    assert len({line.partition("title=")[2] for line in lines[:-1]}) == github.MOST_PER_KIND


def test_a_page_of_many_places_stays_small() -> None:
    findings = [make_finding(id=str(n), location=Location(f"d/{n}.yaml", 1, 1, 1, 2)) for n in range(20_000)]
    text = html.render(make_report(findings=findings), rules=make_rules())
    assert len(text) < 150_000
    assert "and 19799 more" in text


def test_a_clean_scan_has_one_passing_test_case() -> None:
    text = junit.render(make_report(findings=[], unscanned=[]))
    assert 'tests="1" failures="0" errors="0"' in text
    assert "<testcase" in text
