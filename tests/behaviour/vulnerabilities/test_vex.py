"""A VEX statement takes a vulnerability out of the gate and leaves it in the report, with who said so and why."""

import json
from pathlib import Path
from typing import Any

import pytest

from sample_repository import configure
from sample_vulnerabilities import build_database
from seawall.model.errors import UsageError
from seawall.model.finding import Suppressed
from seawall.sources.manifests import ReadOptions
from seawall.stages import deploy
from seawall.stages.deploy import DeployScan, Scanned
from seawall.stages.rule_sets import RuleChoice

NOT_AFFECTED = {
    "vulnerability": {"name": "CVE-2020-1747"},
    "products": [{"@id": "pkg:pypi/pyyaml@5.3"}],
    "status": "not_affected",
    "justification": "vulnerable_code_not_in_execute_path",
}


@pytest.fixture(autouse=True)
def _database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEAWALL_DATABASE", str(build_database(tmp_path / "advisories.db")))


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "shop"
    root.mkdir()
    (root / "requirements.txt").write_text("pyyaml==5.3\njinja2==2.11.2\n")
    return root


def scan(root: Path, *statements: dict[str, Any], warnings: list[str] | None = None) -> Scanned:
    document = root.parent / "vex.json"
    document.write_text(
        json.dumps(
            {
                "@context": "https://openvex.dev/ns/v0.2.0",
                "@id": "https://shop.example/vex/1",
                "author": "security@shop.example",
                "timestamp": "2026-01-01T00:00:00Z",
                "version": 1,
                "statements": list(statements),
            }
        )
    )
    reading = ReadOptions(vex=(str(document),), warn=(warnings if warnings is not None else []).append)
    choice = RuleChoice(only=("vulnerability-*",))
    return deploy.scan(DeployScan(targets=(str(root),), choice=choice, reading=reading))


def counting(scanned: Scanned) -> list[str]:
    return [finding.rule for finding in scanned.report.findings if finding.suppressed is None]


def test_what_is_not_affected_does_not_count_and_says_who_said_so(repository: Path) -> None:
    scanned = scan(repository, NOT_AFFECTED)
    assert counting(scanned) == ["vulnerability-medium"]
    (said,) = (finding.suppressed for finding in scanned.report.findings if finding.suppressed)
    assert said == Suppressed(
        by="vex",
        reason="not_affected: vulnerable_code_not_in_execute_path",
        owner="security@shop.example",
        at=said.at,
        justification="vulnerable_code_not_in_execute_path",
    )
    assert said.at.startswith(str(repository.parent / "vex.json"))


@pytest.mark.parametrize("change", [{"status": "affected"}, {"status": "under_investigation"}, {"justification": ""}])
def test_other_statements_and_those_without_a_reason_leave_the_finding(
    repository: Path, change: dict[str, str]
) -> None:
    assert counting(
        scan(repository, {**NOT_AFFECTED, **change}, {**NOT_AFFECTED, "vulnerability": {"name": "CVE-1-1"}})
    ) == [
        "vulnerability-critical",
        "vulnerability-medium",
    ]


def test_a_statement_about_nothing_that_was_found_is_told(repository: Path) -> None:
    warnings: list[str] = []
    scan(repository, {**NOT_AFFECTED, "products": [{"@id": "pkg:pypi/pyyaml@5.2"}]}, warnings=warnings)
    (warning,) = warnings
    assert warning.endswith("the statement about CVE-2020-1747 is about nothing that was found")


def test_a_rule_that_nobody_may_suppress_is_not_suppressed_by_vex_either(repository: Path) -> None:
    configure(repository, "mustNotSuppress: [vulnerability-critical]\n")
    assert counting(scan(repository, NOT_AFFECTED)) == ["vulnerability-critical", "vulnerability-medium"]


@pytest.mark.parametrize("text", ["", "{}", "not json"])
def test_a_document_that_cannot_be_read_is_wrong_usage(repository: Path, text: str) -> None:
    document = repository.parent / "broken.json"
    if text:
        document.write_text(text)
    options = DeployScan(targets=(str(repository),), reading=ReadOptions(vex=(str(document),)))
    with pytest.raises(UsageError, match="--vex"):
        deploy.scan(options)
