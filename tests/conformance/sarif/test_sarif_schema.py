"""Seawall's SARIF reports against the standard's own schema, and against what GitHub code scanning asks for beyond it."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from sample_reports import make_finding, make_findings, make_report, make_rules
from seawall.model.finding import Report
from seawall.model.resource import Location, Unscanned
from seawall.model.taxonomy import Severity
from seawall.policy import baseline
from seawall.policy.decide import decide
from seawall.reports import sarif

SCHEMA = json.loads((Path(__file__).parent / "sarif-2.1.0-rtm.5.json").read_text("utf-8"))


def _render(report: Report, *, with_rules: bool = True) -> dict[str, Any]:
    decision = decide(report, fail_on=Severity.HIGH)
    text = sarif.render(report, rules=make_rules() if with_rules else None, decision=decision)
    log = json.loads(text)
    jsonschema.Draft4Validator(SCHEMA).validate(log)
    run: dict[str, Any] = log["runs"][0]
    return run


@pytest.mark.parametrize("with_rules", [True, False])
def test_reports_are_valid_against_the_schema(with_rules: bool) -> None:
    _render(make_report(), with_rules=with_rules)
    _render(make_report(findings=[], unscanned=[]), with_rules=with_rules)


def test_every_result_has_a_location_and_an_own_fingerprint() -> None:
    results = _render(make_report())["results"]
    assert len(results) == len(make_findings())
    for result in results:
        physical = result["locations"][0]["physicalLocation"]
        assert physical["artifactLocation"]["uri"]
        assert physical["region"]["startLine"] >= 1
    assert len({result["partialFingerprints"]["primaryLocationLineHash"] for result in results}) == len(results)


def test_rules_carry_help_and_a_severity_that_code_scanning_shows_as_ours() -> None:
    run = _render(make_report())
    rules = {rule["id"]: rule for rule in run["tool"]["driver"]["rules"]}
    assert "A privileged container holds every capability" in rules["privileged-container"]["help"]["markdown"]
    assert "Drop privileged" in rules["privileged-container"]["help"]["markdown"]
    assert float(rules["secret-in-manifest"]["properties"]["security-severity"]) > 9.0
    assert 7.0 <= float(rules["privileged-container"]["properties"]["security-severity"]) < 9.0
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]


def test_paths_are_relative_and_encoded() -> None:
    location = Location("deploy/a b%#:ü.yaml", 1, 1, 1, 2)
    report = make_report(findings=[make_finding(location=location)])
    artifact = _render(report)["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert artifact == {"uri": "deploy/a%20b%25%23%3A%C3%BC.yaml", "uriBaseId": "SRCROOT"}


def test_columns_count_utf16_code_units() -> None:
    finding = make_finding(location=Location("a.yaml", 4, 7, 4, 11), snippet="a: 🦀🦀 true")
    region = _render(make_report(findings=[finding]))["results"][0]["locations"][0]["physicalLocation"]["region"]
    assert (region["startColumn"], region["endColumn"]) == (9, 13)


def test_suppressed_findings_are_results_with_a_suppression() -> None:
    findings = baseline.compare(
        make_findings(),
        [baseline.BaselineEntry(rule="privileged-container", id="b0")],
        exists=lambda _path: True,
        since="baseline.json",
    ).findings
    results = {r["partialFingerprints"]["seawall/v1"]: r for r in _render(make_report(findings=findings))["results"]}
    assert results["d1"]["suppressions"][0]["kind"] == "inSource"
    assert "until 2027-01-31" in results["d1"]["suppressions"][0]["justification"]
    assert results["b0"]["suppressions"][0]["kind"] == "external"
    assert results["b0"]["baselineState"] == "unchanged"
    assert "suppressions" not in results["b1"]


def test_what_was_not_scanned_is_an_error_notification_with_its_line() -> None:
    run = _render(make_report(unscanned=[Unscanned("a.yaml:7", "found a tab")]))
    invocation = run["invocations"][0]
    assert invocation["executionSuccessful"] is False
    assert invocation["exitCode"] == 2
    notification = invocation["toolExecutionNotifications"][0]
    assert notification["locations"][0]["physicalLocation"]["region"]["startLine"] == 7
    assert notification["message"]["text"] == "not scanned: found a tab"


def test_more_results_than_code_scanning_takes_are_cut_and_said() -> None:
    run = _render(make_report(findings=[make_finding(id=str(n)) for n in range(sarif.MOST_RESULTS + 3)], unscanned=[]))
    assert len(run["results"]) == sarif.MOST_RESULTS
    assert "3 less urgent findings" in run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]


def test_text_of_a_manifest_makes_no_link() -> None:
    finding = make_finding(message="see [here](https://evil.example)\x1b[2J")
    text = _render(make_report(findings=[finding]))["results"][0]["message"]["text"]
    assert "](" not in text
    assert "\x1b" not in text
