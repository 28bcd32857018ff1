"""The example system: every flaw that was put into it is found where it stands, and its fixed twin has none."""

import datetime
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from seawall.model.finding import Finding, Report
from seawall.model.taxonomy import Severity
from seawall.stages.advisories import import_files
from seawall.stages.deploy import DeployScan, scan

PARCEL = Path(__file__).parents[3] / "examples" / "parcel"

# rule, file, line: what somebody of Parcel did wrong, each once
PLANTED = [
    ("runtime-socket-mount", "api.yaml", 39),
    ("privileged-container", "api.yaml", 22),
    ("host-network", "api.yaml", 17),
    ("dangerous-capability", "api.yaml", 35),
    ("non-default-capability", "api.yaml", 35),
    ("secret-in-env", "api.yaml", 26),
    ("node-port-service", "api.yaml", 47),
    ("sensitive-host-path", "backup.yaml", 24),
    ("latest-image-tag", "backup.yaml", 16),
    ("root-user", "database.yaml", 19),
    ("host-port", "database.yaml", 22),
    ("unencrypted-storage-class", "database.yaml", 41),
    ("service-selects-nothing", "database.yaml", 51),
    ("secret-in-manifest", "database.yaml", 58),
    ("namespace-without-pod-security", "namespace.yaml", 4),
    ("unbounded-namespace", "namespace.yaml", 4),
    ("open-egress", "namespace.yaml", 4),
    ("network-policy-allows-all-ingress", "network.yaml", 12),
    ("metadata-endpoint-egress", "network.yaml", 26),
    ("workload-without-network-policy", "database.yaml", 13),
    ("cluster-admin-binding", "rbac.yaml", 20),
    ("cluster-wide-secrets-read", "rbac.yaml", 33),
    ("cluster-wide-pod-exec", "rbac.yaml", 33),
    ("wildcard-role-verbs", "rbac.yaml", 33),
    ("authenticated-users-binding", "rbac.yaml", 49),
    ("wildcard-role-resources", "rbac.yaml", 59),
    ("secret-in-config-map", "tracking.yaml", 4),
    ("shell-download-command", "tracking.yaml", 29),
    ("tls-verification-off", "tracking.yaml", 31),
    ("probe-port-missing", "tracking.yaml", 40),
    ("latest-image-tag", "web.yaml", 17),
    ("open-load-balancer", "web.yaml", 30),
    ("ingress-snippet-annotation", "web.yaml", 42),
    ("ingress-without-tls", "web.yaml", 46),
    ("ingress-wildcard-host", "web.yaml", 47),
]
# rule, package, line: what the service's lock file brings in
PLANTED_IN_APP = [
    ("vulnerability-known-exploited", "pyspark", 6),
    ("vulnerability-high", "urllib3", 10),
    ("vulnerability-high", "aiohttp", 2),
    ("vulnerability-medium", "aiohttp", 2),
    ("vulnerability-medium", "urllib3", 10),
    ("vulnerability-unrated", "pyspark", 6),
    ("vulnerability-unrated", "pyyaml", 8),
    ("package-version-unknown", "werkzeug", 12),
]
PLANTED_IN_CHART = {"privileged-container", "secret-in-env", "latest-image-tag", "open-load-balancer"}


def report_of(*targets: Path) -> Report:
    return scan(DeployScan(targets=tuple(str(target) for target in targets))).report


@pytest.fixture(scope="module")
def flawed() -> Sequence[Finding]:
    report = report_of(PARCEL / "flawed")
    assert report.unscanned == []
    return report.findings


@pytest.mark.parametrize(("rule", "file", "line"), PLANTED)
def test_every_planted_flaw_is_found_at_its_line(rule: str, file: str, line: int, flawed: Sequence[Finding]) -> None:
    places = [(Path(finding.location.path).name, finding.location.line) for finding in flawed if finding.rule == rule]
    assert (file, line) in places


def test_nothing_is_urgent_but_what_was_planted(flawed: Sequence[Finding]) -> None:
    urgent = {finding.rule for finding in flawed if finding.severity.rank >= Severity.HIGH.rank}
    assert sorted(urgent - {rule for rule, _, _ in PLANTED}) == []


def test_the_fixed_twin_has_no_finding_at_all() -> None:
    report = report_of(PARCEL / "fixed")
    assert report.unscanned == []
    assert [(finding.rule, finding.location.path) for finding in report.findings] == []
    assert report.summary.resources > 30


def test_the_chart_shows_its_flaws_in_the_template_and_the_values(
    helm_binary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(helm_binary.parent), prepend=":")
    report = report_of(PARCEL / "chart" / "flawed")
    assert report.unscanned == []
    assert {finding.rule for finding in report.findings} >= PLANTED_IN_CHART
    [privileged] = [finding for finding in report.findings if finding.rule == "privileged-container"]
    assert privileged.location.path.endswith("chart/flawed/templates/deployment.yaml")
    fixed = report_of(PARCEL / "chart" / "fixed")
    assert (fixed.unscanned, [finding.rule for finding in fixed.findings]) == ([], [])


@pytest.fixture(scope="module")
def _advisories(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Take the advisories that come with the example, as `make demo` does."""
    database = tmp_path_factory.mktemp("database") / "parcel.db"
    import_files(database, [PARCEL / "advisories"], now=datetime.datetime.now(datetime.UTC).isoformat())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SEAWALL_DATABASE", str(database))
        yield


@pytest.mark.usefixtures("_advisories")
def test_every_flaw_of_the_services_packages_is_found_and_no_other() -> None:
    report = report_of(PARCEL / "app" / "flawed")
    assert report.unscanned == []
    assert {
        (finding.rule, finding.package.name, finding.location.line) for finding in report.findings if finding.package
    } == set(PLANTED_IN_APP)


@pytest.mark.usefixtures("_advisories")
def test_the_upgraded_service_has_no_finding_at_all() -> None:
    report = report_of(PARCEL / "app" / "fixed")
    assert report.unscanned == []
    assert report.findings == []
    assert report.summary.packages == 6
