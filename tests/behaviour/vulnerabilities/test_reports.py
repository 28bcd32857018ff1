"""Three hundred flaws are mostly of twenty packages: reports for people say which to upgrade, and to what."""

import json

import msgspec
import pytest

from sample_reports import make_finding, make_report, make_rule
from seawall import reports
from seawall.model.finding import Finding, Package, Suppressed, Vulnerability
from seawall.model.resource import Location, ResourceRef
from seawall.model.taxonomy import Layer, Severity
from seawall.reports.grouping import group
from seawall.reports.packages import describe_flaws, describe_upgrade, upgrades


def flaw(
    number: int,
    package: str = "pkg:deb/debian/openssl@3.0.11-1",
    fixed: str | None = "3.0.15-1",
    severity: Severity = Severity.HIGH,
    *,
    kev: bool = False,
    path: str = "image.tar!/var/lib/dpkg/status",
) -> Finding:
    name, _, version = package.rpartition("/")[2].partition("@")
    return make_finding(
        id=f"{package}{number}{path}",
        rule=f"vulnerability-{severity}",
        title=f"Package has a flaw of {severity} severity",
        severity=severity,
        layer=Layer.CODE,
        resource=ResourceRef("seawall.dev/v1", "Package", "", package),
        location=Location(path, 7, 1, 7, 1),
        field="",
        evidence=None,
        snippet="",
        message=f"{name} {version} has CVE-2024-{number}",
        package=Package(
            purl=package, name=name, version=version, fixed_version=fixed, direct=None, image_layer=None, path=path
        ),
        vulnerability=Vulnerability(id=f"CVE-2024-{number}", aliases=[], cvss=7.5, epss=None, kev=kev),
    )


def in_words(*findings: Finding) -> list[str]:
    return [f"{describe_upgrade(found)}: {describe_flaws(found)}" for found in upgrades(findings)]


def test_an_upgrade_goes_to_the_version_that_is_free_of_all_flaws_with_a_fix() -> None:
    assert in_words(flaw(1, fixed="3.0.9-1"), flaw(2, fixed="3.0.15-1"), flaw(3, fixed="3.0.13-1~deb12u1")) == [
        "openssl 3.0.11-1 → 3.0.15-1: 3 flaws: 3 high"
    ]


def test_flaws_without_a_fix_are_said_to_stay() -> None:
    assert in_words(flaw(1), flaw(2, fixed=None), flaw(3, "pkg:npm/left@1.0.0", None, Severity.LOW)) == [
        "openssl 3.0.11-1 → 3.0.15-1: 2 flaws: 2 high; 1 has no fix",
        "left 1.0.0: 1 flaw: 1 low; no fixed version is known",
    ]


def test_a_flaw_in_several_files_is_one() -> None:
    assert in_words(flaw(1, path="a/go.mod"), flaw(1, path="b/go.mod")) == [
        "openssl 3.0.11-1 → 3.0.15-1: 1 flaw: 1 high"
    ]


def test_the_worst_and_the_exploited_come_first_then_the_most_flaws() -> None:
    packages = [
        flaw(1, "pkg:pypi/one@1", "2"),
        *(flaw(number, "pkg:pypi/many@1", "2") for number in range(3)),
        flaw(9, "pkg:pypi/exploited@1", "2", kev=True),
        flaw(9, "pkg:pypi/critical@1", "2", Severity.CRITICAL),
    ]
    assert [found.package.name for found in upgrades(packages)] == ["critical", "exploited", "many", "one"]


def test_what_does_not_count_or_is_no_flaw_needs_no_upgrade() -> None:
    hidden = flaw(1)
    report = [
        make_finding(),
        make_finding(package=hidden.package),
        make_finding(suppressed=Suppressed(by="vex", reason="x")),
    ]
    assert upgrades(report) == []


def test_a_table_of_three_hundred_flaws_fits_two_screens_and_says_what_to_upgrade() -> None:
    findings = [flaw(number, f"pkg:pypi/package-{number % 20}@1.0", "2.0") for number in range(300)]
    rules = {"vulnerability-high": make_rule(id="vulnerability-high")}
    text = b"".join(reports.render("table", make_report(findings=findings, unscanned=[]), rules=rules)).decode()
    assert len(text.splitlines()) < 70
    assert "package-0 1.0: 15 flaws, fixed in 2.0" in text
    assert "… 12 more packages with 180 flaws" in text
    assert "What to upgrade" in text
    assert "package-0 1.0 → 2.0" in text


def test_what_is_exploited_stands_before_what_is_as_severe() -> None:
    entries = group(
        [
            make_finding(rule="a-rule", severity=Severity.CRITICAL),
            flaw(1, severity=Severity.CRITICAL),
            make_finding(**{**msgspec.structs.asdict(flaw(2, kev=True)), "rule": "z", "severity": Severity.CRITICAL}),
        ]
    )
    assert [entry.rule for entry in entries] == ["z", "a-rule", "vulnerability-critical"]


def test_sarif_carries_package_and_vulnerability_in_the_property_bag() -> None:
    log = json.loads(b"".join(reports.render("sarif", make_report(findings=[flaw(1, kev=True)], unscanned=[]))))
    (result,) = log["runs"][0]["results"]
    assert result["properties"]["package"]["fixedVersion"] == "3.0.15-1"
    assert result["properties"]["vulnerability"] == {
        "id": "CVE-2024-1",
        "aliases": [],
        "cvss": 7.5,
        "epss": None,
        "kev": True,
    }


@pytest.mark.parametrize("form", ["markdown", "html"])
def test_reports_for_people_say_what_to_upgrade(form: str) -> None:
    findings = [flaw(1), flaw(2), flaw(3, "pkg:npm/<b>|left@1.0.0", None)]
    text = b"".join(reports.render(form, make_report(findings=findings, unscanned=[]))).decode()
    assert "What to upgrade" in text
    assert "openssl 3.0.11-1 → 3.0.15-1" in text
    assert "2 flaws: 2 high" in text


@pytest.mark.parametrize("form", ["json", "sarif", "junit", "markdown", "html", "github"])
def test_every_report_names_flaw_package_and_way_out(form: str) -> None:
    findings = [flaw(1), flaw(2)]
    text = b"".join(reports.render(form, make_report(findings=findings, unscanned=[]))).decode()
    assert "CVE-2024-1" in text
    assert "CVE-2024-2" in text
    assert "openssl" in text
