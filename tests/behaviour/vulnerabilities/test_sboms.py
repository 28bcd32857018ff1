"""An SBOM is a target like a lock file: its packages are held against advisories, whoever wrote it."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from sample_images import DEBIAN, Built, dpkg, layer, member, write_layout
from sample_vulnerabilities import build_database, record
from seawall.reports.sbom import render
from seawall.stages import deploy
from seawall.stages.deploy import DeployScan, Scanned
from seawall.stages.packages import collect_packages
from seawall.stages.rule_sets import RuleChoice


@pytest.fixture(autouse=True)
def _database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEAWALL_DATABASE", str(build_database(tmp_path / "advisories.db")))


CURL = record("DEBIAN-CVE-2023-38545", "Debian:12", "curl", "7.88.1-10+deb12u4")


def options(target: Path, only: str = "vulnerability-*") -> DeployScan:
    return DeployScan(targets=(str(target),), choice=RuleChoice(only=(only,)))


def scan(path: Path, document: dict[str, Any], only: str = "vulnerability-*") -> Scanned:
    path.write_text(json.dumps(document))
    return deploy.scan(options(path, only))


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


@pytest.mark.parametrize("form", ["cyclonedx", "spdx"])
def test_what_seawall_writes_down_it_finds_the_same_flaws_in(tmp_path: Path, form: str) -> None:
    lock = tmp_path / "requirements.txt"
    lock.write_text("jinja2==2.11.2\npyyaml==5.3\n")
    sbom = tmp_path / "sbom.json"
    sbom.write_bytes(render(form, collect_packages(str(tmp_path)), version="1"))
    found = [
        [(finding.rule, finding.message) for finding in deploy.scan(options(target)).report.findings]
        for target in (lock, sbom)
    ]
    assert len(found[0]) == 2
    assert found[0] == found[1]


@pytest.mark.parametrize("form", ["cyclonedx", "spdx"])
def test_an_image_and_its_sbom_have_the_same_flaws(tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEAWALL_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("SEAWALL_DATABASE", str(build_database(tmp_path / "debian.db", CURL)))
    base = layer(member("etc/os-release", DEBIAN), member("var/lib/dpkg/status", dpkg(("curl", "7.88.1-10"))))
    layout = write_layout(tmp_path / "layout", Built(base))
    sbom = tmp_path / "sbom.json"
    sbom.write_bytes(render(form, collect_packages(str(layout)), version="1"))
    again = tmp_path / "again.json"
    again.write_bytes(render(form, collect_packages(str(sbom)), version="1"))
    for target in (layout, sbom, again):
        (finding,) = deploy.scan(options(target)).report.findings
        assert msgspec.to_builtins(finding.vulnerability)["id"] == "CVE-2023-38545"
        assert msgspec.to_builtins(finding.package)["imageLayer"].startswith("sha256:")


def test_an_sbom_that_no_chosen_rule_looks_at_is_not_scanned(tmp_path: Path) -> None:
    (entry,) = scan(tmp_path / "sbom.json", CYCLONEDX, "privileged-container").report.unscanned
    assert entry.path == str(tmp_path / "sbom.json")
