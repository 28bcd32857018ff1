"""A scan of a repository finds what its lock files bring in, says how bad it is, and never takes "not looked at" for "safe"."""

from pathlib import Path

import msgspec
import pytest

from sample_repository import configure
from sample_vulnerabilities import LODASH, YAML, build_database
from seawall.model.finding import Finding
from seawall.model.resource import Unscanned
from seawall.policy.baseline import entries_of, write
from seawall.stages import deploy
from seawall.stages.deploy import DeployScan, Scanned
from seawall.stages.rule_sets import RuleChoice

RULES = ("vulnerability-*", "package-version-unknown", "unused-suppression")


@pytest.fixture(autouse=True)
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "advisories.db"
    monkeypatch.setenv("SEAWALL_DATABASE", str(path))
    return path


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "shop"
    root.mkdir()
    return root


def scan(*targets: Path, only: tuple[str, ...] = RULES, **options: object) -> Scanned:
    names = tuple(str(target) for target in targets)
    return deploy.scan(DeployScan(targets=names, choice=RuleChoice(only=only), **options))  # type: ignore[arg-type]


def said(scanned: Scanned) -> list[tuple[str, str]]:
    """Return rule and message of the findings that count, in the report's order."""
    return [(finding.rule, finding.message) for finding in scanned.report.findings if finding.suppressed is None]


def the_finding(scanned: Scanned) -> Finding:
    (finding,) = scanned.report.findings
    return finding


def test_one_walk_reads_manifests_and_lock_files_and_one_report_has_both(repository: Path, database: Path) -> None:
    build_database(database)
    (repository / "api").mkdir()
    (repository / "api" / "requirements.txt").write_text("# pinned\npyyaml==5.3\n")
    (repository / "go.mod").write_text("module shop.example\n\ngo 1.21\n\nrequire golang.org/x/text v0.3.6\n")
    (repository / "pod.yaml").write_text(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: api}\n"
        "spec: {containers: [{name: api, image: api, securityContext: {privileged: true}}]}\n"
    )
    scanned = scan(repository, only=("vulnerability-*", "privileged-container"))
    assert said(scanned) == [
        (
            "vulnerability-critical",
            "pyyaml 5.3 has CVE-2020-1747: Improper Input Validation in PyYAML (CVSS 9.8); upgrade to 5.3.1",
        ),
        ("privileged-container", "container api is privileged"),
        (
            "vulnerability-unrated",
            "golang.org/x/text v0.3.6 (required directly) has CVE-2021-38561 (not rated); upgrade to v0.3.7",
        ),
    ]
    summary = scanned.report.summary
    assert (summary.resources, summary.packages, summary.unscanned) == (1, 2, 0)
    yaml = scanned.report.findings[0]
    assert (Path(yaml.location.path).name, yaml.location.line) == ("requirements.txt", 2)


def test_a_finding_carries_the_package_and_the_vulnerability_of_the_contract(repository: Path, database: Path) -> None:
    build_database(database, LODASH, likelihood={"CVE-2020-8203": 0.04})
    lock = repository / "package-lock.json"
    lock.write_text(
        '{"name": "shop", "lockfileVersion": 3, "packages": {"": {"dependencies": {"grid": "1"}},'
        '"node_modules/grid": {"version": "1.0.0", "dependencies": {"lodash": "^4"}},'
        '"node_modules/lodash": {"version": "4.17.15"}}}'
    )
    finding = the_finding(scan(lock))
    assert msgspec.to_builtins(finding.package) == {
        "purl": "pkg:npm/lodash@4.17.15",
        "name": "lodash",
        "version": "4.17.15",
        "fixedVersion": "4.17.19",
        "direct": False,
        "imageLayer": None,
        "path": str(lock),
    }
    assert msgspec.to_builtins(finding.vulnerability) == {
        "id": "CVE-2020-8203",
        "aliases": ["GHSA-p6mc-m468-83gw"],
        "cvss": 7.4,
        "epss": 0.04,
        "kev": False,
    }
    assert "required by grid 1.0.0" in finding.message
    assert (finding.resource.kind, finding.resource.name) == ("Package", "pkg:npm/lodash@4.17.15")


@pytest.mark.parametrize(
    ("exploited", "likelihood", "rule"),
    [
        ({"CVE-2020-1747": "2022-03-25"}, {"CVE-2020-1747": 0.9}, "vulnerability-known-exploited"),
        ({}, {"CVE-2020-1747": 0.1}, "vulnerability-likely-exploited"),
        ({}, {"CVE-2020-1747": 0.09}, "vulnerability-critical"),
        ({"CVE-2020-9999": "2022-03-25"}, {}, "vulnerability-critical"),
    ],
)
def test_a_flaw_is_the_finding_of_one_rule_the_most_urgent_that_holds(
    repository: Path, database: Path, exploited: dict[str, str], likelihood: dict[str, float], rule: str
) -> None:
    build_database(database, exploited=exploited, likelihood=likelihood)
    (repository / "requirements.txt").write_text("pyyaml==5.3\n")
    assert the_finding(scan(repository)).rule == rule


def test_the_threshold_of_epss_is_a_parameter_and_the_rules_stay_exclusive(repository: Path, database: Path) -> None:
    build_database(database, likelihood={"CVE-2020-1747": 0.09})
    (repository / "requirements.txt").write_text("pyyaml==5.3\n")
    configure(repository, "rules: {params: {vulnerability-likely-exploited: {threshold: 0.05}}}\n")
    assert the_finding(scan(repository)).rule == "vulnerability-likely-exploited"


def test_among_equal_severity_the_exploited_come_first_then_epss_then_cvss(repository: Path, database: Path) -> None:
    names = ("pkg-a", "pkg-b", "pkg-c", "pkg-d")
    records = [
        {**YAML, "id": f"GHSA-{name}", "aliases": [f"CVE-2024-000{number}"], "affected": [
            {"package": {"ecosystem": "PyPI", "name": name}, "ranges": YAML["affected"][0]["ranges"]}]}
        for number, name in enumerate(names)
    ]  # fmt: skip
    build_database(database, *records, exploited={"CVE-2024-0002": "2024-01-01"}, likelihood={"CVE-2024-0003": 0.08})
    (repository / "requirements.txt").write_text("".join(f"{name}==1.0\n" for name in names))
    packages = [finding.package for finding in scan(repository).report.findings]
    assert [package.name for package in packages if package] == ["pkg-c", "pkg-d", "pkg-a", "pkg-b"]


@pytest.mark.parametrize("lines_before", [0, 7])
def test_a_fingerprint_survives_other_lines_and_other_vulnerable_versions(
    repository: Path, database: Path, lines_before: int
) -> None:
    build_database(database, YAML)
    lock = repository / "requirements.txt"
    lock.write_text("pyyaml==5.3\n")
    before = the_finding(scan(repository)).id
    lock.write_text("# more\n" * lines_before + "pyyaml==5.2\n")
    assert the_finding(scan(repository)).id == before


def test_a_baseline_accepts_what_was_there_and_not_that_it_begins_to_be_exploited(
    repository: Path, database: Path, tmp_path: Path
) -> None:
    build_database(database)
    lock = repository / "requirements.txt"
    lock.write_text("pyyaml==5.3\n")
    baseline = tmp_path / "baseline.json"
    findings = scan(repository).report.findings
    baseline.write_bytes(write(entries_of(findings, lambda path: Path(path).name)))
    lock.write_text("jinja2==2.11.2\npyyaml==5.2\n")
    assert [rule for rule, _ in said(scan(repository, baseline=str(baseline)))] == ["vulnerability-medium"]
    build_database(database, exploited={"CVE-2020-1747": "2026-01-01"})
    assert [rule for rule, _ in said(scan(repository, baseline=str(baseline)))] == [
        "vulnerability-known-exploited",
        "vulnerability-medium",
    ]


def test_a_package_that_is_for_development_says_so(repository: Path, database: Path) -> None:
    build_database(database)
    (repository / "package-lock.json").write_text(
        '{"lockfileVersion": 3, "packages": {"": {"devDependencies": {"lodash": "4"}},'
        '"node_modules/lodash": {"version": "4.17.15", "dev": true}}}'
    )
    assert "(required directly, for development only)" in the_finding(scan(repository)).message


def test_a_lock_file_that_is_named_twice_is_read_once(repository: Path, database: Path) -> None:
    build_database(database)
    lock = repository / "requirements.txt"
    lock.write_text("pyyaml==5.3\n")
    scanned = scan(repository, lock)
    assert len(scanned.report.findings) == 1
    assert scanned.report.unscanned == []


def test_without_a_database_a_scan_fails_closed_and_names_the_way_out(repository: Path) -> None:
    (repository / "requirements.txt").write_text("pyyaml==5.3\njinja2==3.0\n")
    (repository / "go.mod").write_text("module shop.example\n\ngo 1.21\n")
    scanned = scan(repository)
    (entry,) = scanned.report.unscanned
    assert entry.path.endswith("requirements.txt")
    assert entry.reason == (
        "the 2 packages of this file were not held against advisories: there is no advisory database; `seawall db update`"
        " fetches one, `seawall db import` takes one from disk; --no-vulnerabilities does without"
    )


def test_no_vulnerabilities_needs_no_database_and_runs_no_rule_about_them(repository: Path) -> None:
    (repository / "requirements.txt").write_text("pyyaml==5.3\nflask\n")
    configure(repository, "suppressions: [{rule: vulnerability-high, reason: later}]\n")
    scanned = scan(repository, vulnerabilities=False)
    assert [rule for rule, _ in said(scanned)] == ["package-version-unknown"]
    assert not [rule.id for rule in scanned.rules if rule.id.startswith("vulnerability-")]
    assert scanned.report.unscanned == []


def test_a_scan_without_lock_files_or_without_such_rules_asks_for_no_database(repository: Path) -> None:
    (repository / "pod.yaml").write_text("apiVersion: v1\nkind: Pod\nmetadata: {name: api}\nspec: {containers: []}\n")
    assert scan(repository).report.unscanned == []
    (repository / "requirements.txt").write_text("pyyaml==5.3\n")
    assert scan(repository, only=("privileged-container",)).report.unscanned == []


def test_an_ecosystem_that_the_database_knows_nothing_of_is_not_scanned(repository: Path, database: Path) -> None:
    build_database(database, YAML)
    lock = repository / "package-lock.json"
    lock.write_text('{"lockfileVersion": 3, "packages": {"node_modules/lodash": {"version": "4.17.15"}}}')
    (entry,) = scan(repository).report.unscanned
    assert entry.path == str(lock)
    assert "the advisory database has nothing about npm" in entry.reason


def test_a_broken_database_is_no_clean_scan(repository: Path, database: Path) -> None:
    database.write_bytes(b"no database")
    (repository / "requirements.txt").write_text("pyyaml==5.3\n")
    (entry,) = scan(repository).report.unscanned
    assert isinstance(entry, Unscanned)
    assert "not held against advisories" in entry.reason


def test_a_version_that_nothing_fixes_is_a_finding_and_no_pass(repository: Path, database: Path) -> None:
    build_database(database)
    (repository / "requirements.txt").write_text("pyyaml>=5\n")
    assert said(scan(repository)) == [
        (
            "package-version-unknown",
            "the version of pyyaml is not fixed, so it is not known whether it is vulnerable",
        )
    ]


@pytest.mark.parametrize(
    ("entry", "left"),
    [
        ("{rule: vulnerability-*}", set()),
        ("{rule: vulnerability-critical}", {"jinja2"}),
        ("{rule: vulnerability-*, package: pyyaml}", {"jinja2"}),
        ("{rule: vulnerability-*, package: [j*, other]}", {"pyyaml"}),
        ("{rule: vulnerability-*, package: 'pkg:pypi/pyyaml@5.3'}", {"jinja2"}),
        ("{rule: vulnerability-*, package: 'pkg:pypi/pyyaml@5.2'}", {"jinja2", "pyyaml"}),
        ("{rule: vulnerability-*, vulnerability: CVE-2020-1747}", {"jinja2"}),
        ("{rule: vulnerability-*, vulnerability: GHSA-6757-jp84-gxfx}", {"jinja2"}),
        ("{rule: vulnerability-*, vulnerability: CVE-2020-1747, package: jinja2}", {"jinja2", "pyyaml"}),
        ("{rule: vulnerability-*, resource: {kind: Package, name: 'pkg:pypi/jinja2@*'}}", {"pyyaml"}),
        ("{rule: vulnerability-*, path: requirements.txt}", set()),
    ],
)
def test_a_suppression_names_packages_and_flaws_by_any_of_their_names(
    repository: Path, database: Path, entry: str, left: set[str]
) -> None:
    build_database(database)
    (repository / "requirements.txt").write_text("jinja2==2.11.2\npyyaml==5.3\n")
    configure(repository, f"suppressions:\n  - {entry[:-1]}, reason: not reachable}}\n")
    scanned = scan(repository, only=("vulnerability-*",))
    assert {f.package.name for f in scanned.report.findings if f.suppressed is None and f.package} == left


def test_a_comment_beside_the_package_suppresses_its_findings(repository: Path, database: Path) -> None:
    build_database(database)
    (repository / "requirements.txt").write_text(
        '# seawall:ignore vulnerability-critical reason="loads our own files only"\npyyaml==5.3\njinja2==2.11.2\n'
    )
    scanned = scan(repository)
    assert [rule for rule, _ in said(scanned)] == ["vulnerability-medium"]
    (suppressed,) = (finding.suppressed for finding in scanned.report.findings if finding.suppressed is not None)
    assert (suppressed.by, suppressed.reason) == ("comment", "loads our own files only")


def test_a_suppression_of_a_package_that_is_gone_is_a_finding_of_its_own(repository: Path, database: Path) -> None:
    build_database(database)
    (repository / "requirements.txt").write_text("pyyaml==6.0\n")
    configure(repository, "suppressions: [{rule: vulnerability-*, package: pyyaml, reason: not reachable}]\n")
    assert [rule for rule, _ in said(scan(repository))] == ["unused-suppression"]
