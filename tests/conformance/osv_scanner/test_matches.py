"""Seawall finds in lock files what osv-scanner finds with the same advisories, but for differences that are explained."""

import json
import re
from collections import defaultdict
from pathlib import Path
from zipfile import ZipFile

import pytest

from seawall.apps.cli.main import main
from seawall.stages import deploy
from seawall.stages.deploy import DeployScan
from seawall.stages.rule_sets import RuleChoice

DATA = Path(__file__).parent / "data"
ANSWERS: dict[str, dict[str, list[list[str]]]] = json.loads((DATA / "answers.json").read_text())

ONLY_SEAWALL = {
    ("PyPI", "octoprint"): {"CVE-2022-3607"},
    ("PyPI", "rdiffweb"): {"CVE-2022-3292", "CVE-2022-3326", "CVE-2022-3364", "CVE-2022-3371", "CVE-2022-3389"},
}
"""Their records have a range of versions beside one of commits, and no list of versions: osv-scanner passes over the first."""


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    records: dict[str, list[dict[str, object]]] = defaultdict(list)
    for line in (DATA / "advisories.jsonl").read_text().splitlines():
        record = json.loads(line)
        for ecosystem in {entry["package"]["ecosystem"] for entry in record["affected"]}:
            records[ecosystem].append(record)
    for ecosystem, found in records.items():
        folder = tmp_path / "osv" / ecosystem
        folder.mkdir(parents=True)
        with ZipFile(folder / "all.zip", "w") as archive:
            for record in found:
                archive.writestr(f"{record['id']}.json", json.dumps(record))
    monkeypatch.setenv("SEAWALL_DATABASE", str(tmp_path / "advisories.db"))
    assert main(["db", "import", str(tmp_path / "osv")]) == 0


def _name(ecosystem: str, name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower() if ecosystem == "PyPI" else name


@pytest.mark.parametrize(
    ("ecosystem", "file", "flaws"),
    [("PyPI", "requirements.txt", 56), ("crates.io", "Cargo.lock", 29), ("Go", "go.mod", 29)],
)
@pytest.mark.usefixtures("database")
def test_both_find_the_same_flaws(ecosystem: str, file: str, flaws: int) -> None:
    scanned = deploy.scan(DeployScan(targets=(str(DATA / file),), choice=RuleChoice(only=("vulnerability-*",))))
    assert scanned.report.unscanned == []
    ours: dict[str, list[set[str]]] = defaultdict(list)
    for finding in scanned.report.findings:
        assert finding.package
        assert finding.vulnerability
        names = {finding.vulnerability.id, *finding.vulnerability.aliases}
        ours[_name(ecosystem, finding.package.name)].append(names)
    theirs = {_name(ecosystem, name): [set(group) for group in groups] for name, groups in ANSWERS[ecosystem].items()}
    missed = [
        (name, group) for name, groups in theirs.items() for group in groups if not any(group & o for o in ours[name])
    ]
    added = {
        (ecosystem, name): {flaw for group in groups for flaw in group if flaw.startswith("CVE-")}
        for name, found in ours.items()
        if (groups := [group for group in found if not any(group & other for other in theirs.get(name, ()))])
    }
    assert missed == []
    assert added == {key: flaws for key, flaws in ONLY_SEAWALL.items() if key[0] == ecosystem}
    assert sum(map(len, theirs.values())) == flaws
