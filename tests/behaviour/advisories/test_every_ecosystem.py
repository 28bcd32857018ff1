"""Every ecosystem of OSV's schema is read; its packages are matched by its own order, or told to be not scanned."""

import json
from pathlib import Path

import pytest

from sample_vulnerabilities import build_database, record
from seawall.formats.packages.os_release import parse_os_release
from seawall.formats.sbom.purls import describe
from seawall.sources.advisory_database import AdvisoryDatabase
from seawall.sources.advisory_feeds import FEEDS
from seawall.stages import deploy
from seawall.stages.deploy import DeployScan
from seawall.stages.rule_sets import RuleChoice

MATCHED = {  # ecosystem and name of a record, the purl of a package without its version, and two of its versions in order
    "AlmaLinux:9": ("curl", "pkg:rpm/almalinux/curl@{}?distro=almalinux-9.4", "7.76-9.el9", "7.76-10.el9"),
    "Alpaquita:23": ("curl", "pkg:apk/alpaquita/libcurl@{}?distro=alpaquita-23&upstream=curl", "8.1-r9", "8.1-r10"),
    "Alpine:v3.20": ("curl", "pkg:apk/alpine/libcurl@{}?distro=alpine-3.20.3&upstream=curl", "8.1_rc1-r1", "8.1-r0"),
    "Azure Linux:3": ("curl", "pkg:rpm/azurelinux/curl@{}?distro=azurelinux-3.0", "8.8.0-1.azl3", "8.8.0-2.azl3"),
    "Bitnami": ("wordpress", "pkg:bitnami/wordpress@{}?arch=amd64", "6.2.9", "6.2.10"),
    "Chainguard": ("curl", "pkg:apk/chainguard/curl@{}?distro=chainguard", "8.1-r9", "8.1-r10"),
    "CRAN": ("commonmark", "pkg:cran/commonmark@{}", "1.7", "1.10"),
    "crates.io": ("smallvec", "pkg:cargo/smallvec@{}", "0.6.9", "0.6.10"),
    "Debian:12": ("curl", "pkg:deb/debian/libcurl4@{}?distro=debian-12&upstream=curl", "7.88-1~deb12u1", "7.88-1"),
    "Echo": ("curl", "pkg:deb/echo/libcurl4@{}?distro=echo-1&upstream=curl", "7.88-1+e1", "7.88-1+e2"),
    "GitHub Actions": ("tj-actions/changed-files", "pkg:githubactions/tj-actions/changed-files@{}", "v45", "v46.0.1"),
    "Go": ("golang.org/x/text", "pkg:golang/golang.org/x/text@{}", "v0.3.6", "v0.3.10"),
    "Hackage": ("aeson", "pkg:hackage/aeson@{}", "2.0.1.9", "2.0.1.10"),
    "Hex": ("plug", "pkg:hex/plug@{}", "1.0.0-rc.2", "1.0.0"),
    "Julia": ("HTTP", "pkg:julia/HTTP@{}?uuid=cd3eb016-35fb-5094-929b-558a96fad6f3", "1.9.0", "1.10.0"),
    "Mageia:9": ("curl", "pkg:rpm/mageia/curl@{}?distro=mageia-9", "7.88-3.mga9", "7.88-3.1.mga9"),
    "Maven": ("org.a:b", "pkg:maven/org.a/b@{}", "1.0-rc1", "1.0"),
    "Maven:https://maven.google.com": ("androidx.a:b", "pkg:maven/androidx.a/b@{}", "1.0-SNAPSHOT", "1.0"),
    "MinimOS": ("curl", "pkg:apk/minimos/libcurl@{}?distro=minimos&upstream=curl", "8.1-r9", "8.1-r10"),
    "npm": ("@a/b", "pkg:npm/%40a/b@{}", "1.9.0", "1.10.0"),
    "NuGet": ("Newtonsoft.Json", "pkg:nuget/newtonsoft.json@{}", "12.0.3", "12.0.3.1"),
    "openEuler:24.03-LTS-SP1": ("curl", "pkg:rpm/openeuler/curl@{}?distro=openeuler-24.03-LTS-SP1", "8.4-9.oe1", "8.4-10.oe1"),
    "openSUSE:Leap 15.6": ("curl", "pkg:rpm/opensuse/curl@{}?distro=opensuse-leap-15.6", "8.6-150600.9.1", "8.6-150600.10.1"),
    "Packagist": ("monolog/monolog", "pkg:composer/monolog/monolog@{}", "1.0.0-RC1", "1.0.0"),
    "Packagist:https://packages.drupal.org/8": ("drupal/token", "pkg:composer/drupal/token@{}", "1.9.0", "1.10.0"),
    "Photon OS:5.0": ("curl", "pkg:rpm/photon/curl@{}?distro=photon-5.0", "8.1-9.ph5", "8.1-10.ph5"),
    "Pub": ("http", "pkg:pub/http@{}", "0.13.2", "0.13.10"),
    "PyPI": ("Jinja2", "pkg:pypi/jinja2@{}", "2.0rc1", "2.0"),
    "Red Hat:enterprise_linux:9::baseos": ("curl", "pkg:rpm/redhat/curl@{}?distro=rhel-9.4", "7.76-9.el9", "7.76-10.el9"),
    "Rocky Linux:9": ("curl", "pkg:rpm/rocky/curl@{}?distro=rocky-9.3", "7.76-9.el9", "7.76-10.el9"),
    "RubyGems": ("rails", "pkg:gem/rails@{}", "7.0.0.rc1", "7.0.0"),
    "SUSE:Linux Enterprise Server 15 SP5": ("curl", "pkg:rpm/suse/curl@{}?distro=sles-15.5", "8.0-150400.5.9", "8.0-150400.5.10"),
    "SwiftURL": ("github.com/vapor/vapor", "pkg:swift/github.com/vapor/vapor@{}", "4.9.0", "4.10.0"),
    "Ubuntu:22.04:LTS": ("curl", "pkg:deb/ubuntu/curl@{}?distro=ubuntu-22.04", "7.81-1ubuntu1.9", "7.81-1ubuntu1.10"),
    "VSCode": ("ms-python.python", "pkg:vscode-extension/ms-python/python@{}", "2024.9.0", "2024.10.0"),
    "Wolfi": ("curl", "pkg:apk/wolfi/libcurl@{}?distro=wolfi&upstream=curl", "8.1-r9", "8.1-r10"),
}  # fmt: skip

UNSCANNED = {  # ecosystem of a record -> what an SBOM may call one of its packages
    "Android": "pkg:generic/platform/frameworks/base@1",
    "BellSoft Hardened Containers:23": "pkg:apk/bellsoft/curl@8.1-r1?distro=bellsoft-23",
    "Bioconductor": "pkg:bioconductor/a4@1.0",
    "CleanStart": "pkg:apk/cleanstart/curl@8.1-r1?distro=cleanstart",
    "ConanCenter": "pkg:conan/openssl@3.0.3",
    "Docker Hardened Images:Debian:trixie": "pkg:deb/dhi/curl@8.14.1-2?distro=dhi-13",
    "FreeBSD:ports": "pkg:generic/curl@8.1",
    "GHC": "pkg:generic/ghc@9.2",
    "Homebrew": "pkg:brew/openssl%403@3.4.0",
    "Kubernetes": "pkg:generic/k8s.io/apiserver@1.30.0",
    "Linux": "pkg:generic/linux@6.1",
    "opam": "pkg:opam/dune@3.0",
    "OSS-Fuzz": "pkg:generic/libxml2@2.9",
    "Root:Alpine:3.18": "pkg:apk/root/root-curl@8.1-r1?distro=root-3.18",
    "TuxCare:Red Hat": "pkg:rpm/tuxcare/curl@7.29-59.el7?distro=tuxcare-7",
    "vcpkg": "pkg:vcpkg/bzip2@1.0.8",
}

SCHEMA = frozenset({
    "AlmaLinux", "Alpaquita", "Alpine", "Android", "Azure Linux", "BellSoft Hardened Containers", "Bioconductor", "Bitnami",
    "CRAN", "Chainguard", "CleanStart", "ConanCenter", "Debian", "Docker Hardened Images", "Echo", "FreeBSD", "GHC",
    "GitHub Actions", "Go", "Hackage", "Hex", "Homebrew", "Julia", "Kubernetes", "Linux", "Mageia", "Maven", "MinimOS", "NuGet",
    "OSS-Fuzz", "Packagist", "Photon OS", "Pub", "PyPI", "Red Hat", "Rocky Linux", "Root", "RubyGems", "SUSE", "SwiftURL",
    "TuxCare", "Ubuntu", "VSCode", "Wolfi", "crates.io", "npm", "opam", "openEuler", "openSUSE", "vcpkg",
})  # fmt: skip
"""The ecosystems of OSV's schema, 1.7.5 and what was added to it since."""


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SEAWALL_DATABASE", str(tmp_path / "advisories.db"))
    return tmp_path / "advisories.db"


def scan(tmp_path: Path, purl: str) -> tuple[list[str | None], list[str]]:
    """Return the fixed versions of the findings about the package, and why it was not scanned."""
    path = tmp_path / "sbom.cdx.json"
    component = {"type": "library", "name": "x", "purl": purl}
    path.write_text(json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [component]}))
    report = deploy.scan(DeployScan(targets=(str(path),), choice=RuleChoice(only=("vulnerability-*",)))).report
    fixed = [finding.package.fixed_version for finding in report.findings if finding.package]
    return fixed, [entry.reason for entry in report.unscanned]


@pytest.mark.parametrize("ecosystem", sorted(MATCHED))
def test_its_packages_are_matched_by_its_own_order_of_versions(ecosystem: str, tmp_path: Path, database: Path) -> None:
    name, purl, older, fixed = MATCHED[ecosystem]
    stated = fixed.removeprefix("v") if ecosystem == "Go" else fixed
    build_database(database, record("T-2024-1", ecosystem, name, stated))
    assert scan(tmp_path, purl.format(older)) == ([fixed], [])
    assert scan(tmp_path, purl.format(fixed)) == ([], [])


@pytest.mark.parametrize("ecosystem", sorted(UNSCANNED))
def test_packages_without_a_known_order_or_name_are_not_scanned_and_not_clean(
    ecosystem: str, tmp_path: Path, database: Path
) -> None:
    purl = UNSCANNED[ecosystem]
    name = purl.partition("@")[0].rpartition("/")[2]
    build_database(database, record("T-2024-1", ecosystem, name, ""), record("T-2024-2", ecosystem, name, "9999"))
    with AdvisoryDatabase(database) as opened:
        assert opened.counts() == {ecosystem.partition(":")[0]: 2}
    found, reasons = scan(tmp_path, purl)
    assert len(found) + len(reasons) > 0
    assert reasons != []


def test_the_tables_above_are_all_of_the_schema_and_each_is_a_feed() -> None:
    told = {name.partition(":")[0] for name in (*MATCHED, *UNSCANNED)}
    assert told == SCHEMA
    feeds = {feed.ecosystem for feed in FEEDS if feed.name.startswith("osv/")}
    assert SCHEMA - feeds == {"Homebrew", "vcpkg"}  # in the schema, and nothing of them is published yet


@pytest.mark.parametrize(
    ("pretty", "release"),
    [
        ("openEuler 24.03 (LTS-SP1)", "24.03-LTS-SP1"),
        ("openEuler 22.03 (LTS)", "22.03-LTS"),
        ("openEuler 25.09", "25.09"),
        ("", "24.03"),
    ],
)
def test_the_service_pack_of_openeuler_is_in_its_pretty_name(pretty: str, release: str) -> None:
    distro = parse_os_release(f'ID="openEuler"\nVERSION_ID="24.03"\nPRETTY_NAME="{pretty}"\n'.encode())
    assert distro is not None
    assert distro.key == f"openeuler:{release}"
    assert describe(f"pkg:rpm/openeuler/curl@1-1?distro={distro.key.replace(':', '-')}").distro == distro.key
