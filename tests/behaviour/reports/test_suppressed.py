"""Findings that do not count: every format says that they are there, and none counts them."""

import json
import xml.etree.ElementTree as ElementTree

import pytest

from sample_reports import make_finding, make_report, make_rules
from seawall import reports
from seawall.model.finding import Summary, Suppressed
from seawall.model.resource import Location
from seawall.reports import table

WHY = Suppressed(
    by="config", reason="it manages \x1b[2J the node", owner="network", expires="2026-12-31", at="seawall.yaml:7"
)
KNOWN = Suppressed(by="baseline", reason="already present in main")
SUMMARY = Summary(
    resources=2,
    rules=3,
    findings={"critical": 0, "high": 0, "medium": 0, "low": 0, "info": 0},
    suppressed=3,
    unscanned=0,
)


def report(**changes: object) -> object:
    findings = [
        make_finding(id="a", suppressed=WHY, location=Location("deploy/cni.yaml", 4, 3, 4, 9)),
        make_finding(id="b", suppressed=WHY, location=Location("deploy/csi.yaml", 5, 3, 5, 9)),
        make_finding(id="c", suppressed=KNOWN, location=Location("deploy/web.yaml", 6, 3, 6, 9)),
    ]
    return make_report(**({"findings": findings, "unscanned": [], "summary": SUMMARY} | changes))


def render(name: str) -> str:
    return b"".join(reports.render(name, report(), rules=make_rules())).decode()  # type: ignore[arg-type]


def test_the_table_counts_them_by_who_suppressed_them() -> None:
    text = render("table")
    assert "No findings." in text
    assert "Suppressed 3 (1 by baseline, 2 by config)" in text
    assert "cni.yaml" not in text


def test_the_table_lists_each_reason_once_where_it_is_asked_to() -> None:
    text = table.render(report(), show_suppressed=True)  # type: ignore[arg-type]
    lines = [line.rstrip() for line in text.splitlines()]
    assert (
        lines[0]
        == " SUPPRESSED  by config (seawall.yaml:7): it manages \\e[2J the node (owner network, until 2026-12-31)"
    )
    assert lines[1:3] == [
        "  deploy/cni.yaml:4:3  high privileged-container  Deployment shop/api",
        "  deploy/csi.yaml:5:3  high privileged-container  Deployment shop/api",
    ]
    assert lines[4] == " SUPPRESSED  by baseline: already present in main"


def test_a_long_list_is_cut_and_says_so() -> None:
    many = [make_finding(id=str(number), suppressed=KNOWN) for number in range(50)]
    text = table.render(report(findings=many), show_suppressed=True)  # type: ignore[arg-type]
    assert text.count("privileged-container") == 20
    assert "… 30 more (--format json has them all)" in text


def test_json_carries_who_why_and_until_when() -> None:
    first, _, third = json.loads(render("json"))["findings"]
    assert first["suppressed"] == {
        "by": "config",
        "reason": "it manages \x1b[2J the node",
        "owner": "network",
        "expires": "2026-12-31",
        "at": "seawall.yaml:7",
    }
    assert third["suppressed"] == {"by": "baseline", "reason": "already present in main"}


def test_sarif_marks_them_as_suppressed() -> None:
    results = json.loads(render("sarif"))["runs"][0]["results"]
    assert [result["suppressions"][0]["kind"] for result in results] == ["external"] * 3
    place = results[0]["suppressions"][0]["location"]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]) == ("seawall.yaml", {"startLine": 7})
    assert [result.get("baselineState") for result in results] == [None, None, "unchanged"]


def test_junit_skips_them() -> None:
    suite = ElementTree.fromstring(render("junit"))
    assert (suite.get("failures"), suite.get("skipped")) == ("0", "3")
    messages = [skipped.get("message") for skipped in suite.iter("skipped")]
    assert messages[0] == "suppressed by config: it manages \\e[2J the node"


def test_html_lists_them_apart_and_markdown_counts_them() -> None:
    assert "<summary>Suppressed: 3</summary>" in render("html")
    assert "3 suppressed." in render("markdown")


@pytest.mark.parametrize("name", ["github", "markdown", "table"])
def test_no_annotation_and_no_entry_is_made_of_them(name: str) -> None:
    assert "privileged-container" not in render(name)
