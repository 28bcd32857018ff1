"""A scan says so where the advisory database is old: what became known since is not "not vulnerable"."""

import datetime
from pathlib import Path

import pytest

from sample_repository import configure
from sample_vulnerabilities import YAML, build_database
from seawall.stages import deploy
from seawall.stages.deploy import DeployScan
from seawall.stages.rule_sets import RuleChoice


def said(root: Path) -> list[str]:
    choice = RuleChoice(only=("advisory-database-outdated",))
    return [finding.message for finding in deploy.scan(DeployScan(targets=(str(root),), choice=choice)).report.findings]


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SEAWALL_DATABASE", str(tmp_path / "advisories.db"))
    (tmp_path / "requirements.txt").write_text("pyyaml==6.0\n")
    return tmp_path


def build(root: Path, *, days: int | None) -> None:
    """Build the database `days` ago; None: it does not say when."""
    day = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=days or 0)
    build_database(root / "advisories.db", YAML, now="" if days is None else day.isoformat())


@pytest.mark.parametrize(
    ("days", "message"),
    [
        (6, None),
        (8, "the osv/PyPI advisories of the database are 8 days old, and at most 7 are allowed"),
        (None, "the advisory database does not say when its osv/PyPI advisories were read"),
    ],
)
def test_a_database_is_fresh_for_a_week(repository: Path, days: int | None, message: str | None) -> None:
    build(repository, days=days)
    assert said(repository) == ([message] if message else [])


def test_how_old_it_may_be_is_a_parameter(repository: Path) -> None:
    build(repository, days=20)
    configure(repository, "rules: {params: {advisory-database-outdated: {days: 31}}}\n")
    assert said(repository) == []
