"""An SBOM is a target like a lock file: its packages are held against advisories, whoever wrote it."""

import json
from pathlib import Path
from typing import Any

import pytest

from sample_vulnerabilities import build_database
from seawall.stages import deploy
from seawall.stages.deploy import DeployScan, Scanned
from seawall.stages.rule_sets import RuleChoice


@pytest.fixture(autouse=True)
def _database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEAWALL_DATABASE", str(build_database(tmp_path / "advisories.db")))


def scan(path: Path, document: dict[str, Any], only: str = "vulnerability-*") -> Scanned:
    path.write_text(json.dumps(document))
    return deploy.scan(DeployScan(targets=(str(path),), choice=RuleChoice(only=(only,))))


CYCLONEDX = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.6",
    "components": [{"type": "library", "name": "pyyaml", "version": "5.3", "purl": "pkg:pypi/pyyaml@5.3"}],
}
SPDX = {
    "SPDXID": "SPDXRef-DOCUMENT",
    "spdxVersion": "SPDX-2.3",
    "name": "shop",
    "packages": [
        {
            "SPDXID": "SPDXRef-yaml",
            "name": "pyyaml",
            "versionInfo": "5.3",
            "externalRefs": [
                {
                    "referenceCategory": "PACKAGE-MANAGER",
                    "referenceType": "purl",
                    "referenceLocator": "pkg:pypi/pyyaml@5.3",
                }
            ],
        }
    ],
}


@pytest.mark.parametrize("document", [CYCLONEDX, SPDX])
def test_the_packages_of_an_sbom_are_held_against_advisories(tmp_path: Path, document: dict[str, Any]) -> None:
    scanned = scan(tmp_path / "sbom.json", document)
    (finding,) = scanned.report.findings
    assert finding.rule == "vulnerability-critical"
    assert finding.location.path == str(tmp_path / "sbom.json")
    (target,) = scanned.report.targets
    assert target.type == "sbom"
    assert scanned.report.summary.packages == 1


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": []}, "the SBOM names no package"),
        ({"bomFormat": "CycloneDX", "specVersion": "1.0"}, "which is not read"),
    ],
)
def test_an_sbom_that_says_nothing_is_no_clean_one(tmp_path: Path, document: dict[str, Any], reason: str) -> None:
    (entry,) = scan(tmp_path / "sbom.json", document).report.unscanned
    assert reason in entry.reason


def test_an_sbom_that_no_chosen_rule_looks_at_is_not_scanned(tmp_path: Path) -> None:
    (entry,) = scan(tmp_path / "sbom.json", CYCLONEDX, "privileged-container").report.unscanned
    assert entry.path == str(tmp_path / "sbom.json")
