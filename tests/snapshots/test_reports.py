"""Whole reports of one fixed scan. `pytest --snapshot-update` rewrites them; the difference is what a review looks at."""

import pytest
from syrupy.assertion import SnapshotAssertion

from sample_reports import make_report, make_rules
from seawall import reports
from seawall.model.taxonomy import Severity
from seawall.policy.decide import decide


@pytest.mark.parametrize("name", list(reports.RENDERERS))
def test_report(name: str, snapshot: SnapshotAssertion) -> None:
    report = make_report()
    decision = decide(report, fail_on=Severity.HIGH)
    rendered = reports.render(name, report, rules=make_rules(), decision=decision, width=100)
    assert b"".join(rendered).decode("utf-8") == snapshot


@pytest.mark.parametrize("name", ["table", "markdown", "junit", "github"])
def test_clean_report(name: str, snapshot: SnapshotAssertion) -> None:
    report = make_report(findings=[], unscanned=[])
    rendered = reports.render(name, report, rules=make_rules(), decision=decide(report, fail_on=Severity.HIGH))
    assert b"".join(rendered).decode("utf-8") == snapshot
