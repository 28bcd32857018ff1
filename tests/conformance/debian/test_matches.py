"""Seawall finds in Debian's packages what dpkg's order and Trivy leave open, and differs from osv-scanner where that is known."""

import json
from collections import defaultdict
from pathlib import Path
from zipfile import ZipFile

import pytest

from sample_images import DEBIAN, Built, layer, member, write_layout
from seawall.apps.cli.main import main
from seawall.stages import deploy
from seawall.stages.deploy import DeployScan
from seawall.stages.rule_sets import RuleChoice

DATA = Path(__file__).parent / "data"
ANSWERS: dict[str, dict[str, set[str]]] = {
    who: {package: set(flaws) for package, flaws in answers.items()}
    for who, answers in json.loads((DATA / "answers.json").read_text()).items()
}

BY_BINARY_VERSION = {
    "bsdutils 1:2.38.1-5": {"CVE-2024-28085", "CVE-2096-1"},
    "whole-bin 3:9.0-1": {"CVE-2097-1002"},
    "whole-bin 0.9-1": {"CVE-2097-1002"},
}
"""Binary packages with another version than their source: osv-scanner compares the former with the source's fix."""


@pytest.fixture
def found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, set[str]]:
    """The flaws that a scan of an image with these packages reports, by package."""
    with ZipFile(tmp_path / "all.zip", "w") as archive:
        for line in (DATA / "advisories.jsonl").read_text().splitlines():
            archive.writestr(f"{json.loads(line)['id']}.json", line)
    monkeypatch.setenv("SEAWALL_DATABASE", str(tmp_path / "advisories.db"))
    assert main(["db", "import", "--quiet", str(tmp_path / "all.zip")]) == 0
    status = (DATA / "status").read_bytes()
    image = Built(layer(member("etc/os-release", DEBIAN), member("var/lib/dpkg/status", status)))
    layout = write_layout(tmp_path / "layout", image)
    scanned = deploy.scan(DeployScan(targets=(str(layout),), choice=RuleChoice(only=("vulnerability-*",))))
    assert scanned.report.unscanned == []
    flaws: dict[str, set[str]] = defaultdict(set)
    for finding in scanned.report.findings:
        assert finding.package
        assert finding.vulnerability
        flaws[f"{finding.package.name} {finding.package.version}"].add(finding.vulnerability.id)
    return flaws


def test_the_order_of_dpkg_and_trivy_leave_the_same_flaws_open(found: dict[str, set[str]]) -> None:
    assert found == ANSWERS["dpkg and Trivy"]
    assert sum(map(len, found.values())) == 485


def test_osv_scanner_differs_only_where_a_binary_package_has_a_version_of_its_own(found: dict[str, set[str]]) -> None:
    theirs = ANSWERS["osv-scanner"]
    different = {
        package: flaws
        for package in found.keys() | theirs.keys()
        if (flaws := found.get(package, set()) ^ theirs.get(package, set()))
    }
    assert different == BY_BINARY_VERSION
