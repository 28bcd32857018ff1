"""Distributions' own trackers: what each state means, and that their word for a flaw is the same flaw as everybody's."""

import json
from pathlib import Path

import pytest

from seawall.facts.advisories import affected_by
from seawall.facts.flaws import flaws
from seawall.facts.priorities import vulnerability
from seawall.facts.releases import ecosystems_of, release_of
from seawall.formats.advisories.debian_tracker import read_debian_tracker
from seawall.formats.advisories.exploitation import score_date
from seawall.formats.advisories.osv import read_osv
from seawall.formats.advisories.secdb import read_secdb
from seawall.model.advisory import Advisory, Affected, ParsedAdvisories, Range
from seawall.model.package import Package
from seawall.model.vulnerability import PriorityClass

RECORDS = Path(__file__).parent / "records"


def tracker() -> ParsedAdvisories:
    return read_debian_tracker("json", (RECORDS / "debian-tracker.json").read_bytes())


def affected(advisory: Advisory, source: str, version: str, distro: str, ecosystem: str = "Debian") -> str | None:
    """Return the fixed version where the package is affected ("" for none), None where it is not."""
    package = Package(
        purl=f"pkg:deb/debian/x@{version}",
        name="binary",
        version=version,
        ecosystem=ecosystem,
        distro=distro,
        source_name=source,
    )
    match = affected_by(package, advisory)
    return None if match is None else match.fixed


def advisory(name: str) -> Advisory:
    return next(found for found in tracker().advisories if found.id == f"DEBIAN-{name}")


def test_a_fix_holds_for_its_release_alone() -> None:
    found = advisory("CVE-2024-4741")
    assert affected(found, "openssl", "3.0.13-1~deb12u1", "debian:12") == "3.0.14-1~deb12u1"
    assert affected(found, "openssl", "3.0.14-1~deb12u1", "debian:12") is None
    assert affected(found, "openssl", "3.0.14-1~deb12u1", "debian:13") == "3.2.2-1"
    assert affected(found, "openssl", "3.0.13-1~deb12u1", "debian:10") is None  # of which the tracker says nothing


def test_an_open_flaw_affects_every_version_also_where_no_advisory_will_come() -> None:
    assert affected(advisory("CVE-2024-4741"), "openssl", "99", "debian:11") == ""


def test_fixed_in_0_means_that_the_package_never_had_it() -> None:
    assert affected(advisory("CVE-2024-2511"), "openssl", "0.1", "debian:11") is None
    assert affected(advisory("CVE-2024-2511"), "openssl", "3.0.13-1", "debian:12") == "3.0.14-1~deb12u1"
    assert [found.id for found in tracker().advisories if "TEMP" in found.id] == []


def test_what_nobody_determined_is_no_reason_to_call_it_safe() -> None:
    assert affected(advisory("CVE-2016-2781"), "coreutils", "9.7-3", "debian:14") == ""


def test_unstable_and_testing_have_no_number_and_are_matched_all_the_same() -> None:
    assert ecosystems_of("Debian", "debian") == ("Debian", "Debian:unstable")
    assert affected(advisory("CVE-2024-4741"), "openssl", "3.2.1-3", "debian") == "3.2.2-1"
    assert ecosystems_of("Debian", "") == ("Debian",)  # nobody knows of which distribution the package is


def test_alpines_edge_is_told_from_the_release_that_it_becomes() -> None:
    assert ecosystems_of("Alpine", "alpine:3.24.0_alpha20251224") == ("Alpine", "Alpine:edge")
    assert ecosystems_of("Alpine", "alpine:3.24.1") == ("Alpine", "Alpine:v3.24")


def test_debians_word_is_kept_without_its_stars_and_puts_what_has_no_effect_low() -> None:
    words = {(found.id, entry.ecosystem): entry.severity for found in tracker().advisories for entry in found.affected}
    assert words["DEBIAN-CVE-2024-2511", "Debian:12"] == "low"
    assert words["DEBIAN-CVE-2016-2781", "Debian:12"] == "unimportant"
    package = Package(
        purl="pkg:deb/debian/coreutils@9.1-1", name="coreutils", version="9.1-1", ecosystem="Debian", distro="debian:12"
    )
    entry = next(entry for entry in advisory("CVE-2016-2781").affected if entry.ecosystem == "Debian:12")
    only_here = advisory("CVE-2016-2781").__class__(
        "DEBIAN-CVE-2016-2781", upstream=("CVE-2016-2781",), affected=(entry,)
    )
    match = affected_by(package, only_here)
    assert match is not None
    [flaw] = flaws([match])
    assert (flaw.id, vulnerability(flaw).priority.level) == ("CVE-2016-2781", PriorityClass.LOW)


def test_a_status_that_is_not_known_is_named_and_hides_no_other_flaw() -> None:
    data = json.loads((RECORDS / "debian-tracker.json").read_bytes())
    data["openssl"]["CVE-2024-4741"]["releases"]["sid"]["status"] = "perhaps"
    data["coreutils"]["CVE-2016-2781"] = []
    parsed = read_debian_tracker("json", json.dumps(data).encode())
    assert [found.id for found in parsed.advisories] == ["DEBIAN-CVE-2024-2511"]
    assert len(parsed.unscanned) == 2
    assert "CVE-2024-4741 of openssl cannot be read: the status 'perhaps' in sid" in parsed.unscanned[0].reason


@pytest.mark.parametrize("data", [b"", b"[]", b'{"a": 1}', b"\xff", b"[" * 100_000])
def test_what_is_no_tracker_is_unscanned(data: bytes) -> None:
    parsed = read_debian_tracker("json", data)
    assert (parsed.advisories, len(parsed.unscanned)) == ((), 1)


def test_a_record_of_ubuntu_is_the_flaw_that_it_is_named_after() -> None:
    [found] = read_osv("u.json", (RECORDS / "UBUNTU-CVE-2025-6491.json").read_bytes()).advisories
    assert (found.upstream, found.severity) == (("CVE-2025-6491",), "medium")
    assert affected(found, "php8.1", "8.1.2-1ubuntu2.21", "ubuntu:22.04", "Ubuntu") == "8.1.2-1ubuntu2.22"


def test_wolfis_database_speaks_for_chainguard_too_and_not_for_alpine() -> None:
    parsed = read_secdb("security.json", (RECORDS / "wolfi-security.json").read_bytes())
    assert parsed.source == "wolfi"
    assert {entry.ecosystem for found in parsed.advisories for entry in found.affected} == {"Wolfi", "Chainguard"}
    assert [found.id for found in parsed.advisories] == ["WOLFI-CVE-2022-38126", "WOLFI-CVE-2022-38533"]


def test_a_security_database_of_nobody_known_matches_nothing() -> None:
    data = (RECORDS / "wolfi-security.json").read_bytes().replace(b"packages.wolfi.dev", b"packages.example.org")
    parsed = read_secdb("security.json", data)
    assert (parsed.advisories, len(parsed.unscanned)) == ((), 1)


@pytest.mark.parametrize(
    ("release", "source", "ecosystem"),
    [("v3.20", "alpine/v3.20/main", "Alpine:v3.20"), ("edge", "alpine/edge/main", "Alpine:edge")],
)
def test_a_release_of_alpine_is_told_by_the_file(release: str, source: str, ecosystem: str) -> None:
    file = {
        "distroversion": release,
        "reponame": "main",
        "packages": [{"pkg": {"name": "a", "secfixes": {"1-r0": ["CVE-2024-1"]}}}],
    }
    parsed = read_secdb("main.json", json.dumps(file).encode())
    assert (parsed.source, parsed.advisories[0].affected[0].ecosystem) == (source, ecosystem)


def test_the_day_of_the_estimates_is_read_in_both_of_its_spellings() -> None:
    assert score_date("#model_version:v2026.06.15,score_date:2026-08-21T12:03:15Z\n") == "2026-08-21"
    assert score_date("#model_version:v2025.03.14,score_date:2025-01-01T00:00:00+0000") == "2025-01-01"
    assert score_date("cve,epss,percentile") == ""


@pytest.mark.parametrize(
    ("ecosystem", "distro", "stated", "matches"),
    [
        ("Red Hat", "rhel:9.4", "Red Hat:enterprise_linux:9::appstream", True),
        ("Red Hat", "rhel:9.4", "Red Hat:enterprise_linux:9::baseos", True),
        ("Red Hat", "rhel:10.0", "Red Hat:enterprise_linux:10.0", True),
        ("Red Hat", "rhel:9.4", "Red Hat:enterprise_linux:8::baseos", False),
        ("Red Hat", "rhel:9.4", "Red Hat:rhel_eus:9.4::baseos", False),
        ("Red Hat", "rhel:9.4", "Red Hat:openshift:4.12::el9", False),
        ("SUSE", "sles:15.5", "SUSE:Linux Enterprise Module for Basesystem 15 SP5", True),
        ("SUSE", "sles:15.5", "SUSE:Linux Enterprise Server 15 SP5-LTSS", True),
        ("SUSE", "sles:15.5", "SUSE:Linux Enterprise Server 15 SP4", False),
        ("SUSE", "sles:15", "SUSE:Linux Enterprise Server 15", True),
        ("SUSE", "sles:5.5", "SUSE:Linux Enterprise Micro 5.5", False),
        ("SUSE", "sles:4.3", "SUSE:Manager Server 4.3", False),
        ("openSUSE", "opensuse-leap:15.6", "openSUSE:Leap 15.6", True),
        ("openSUSE", "opensuse-tumbleweed:20241124", "openSUSE:Tumbleweed", True),
        ("Azure Linux", "azurelinux:3.0", "Azure Linux:3", True),
        ("Rocky Linux", "rocky:9.3", "Rocky Linux:9", True),
        ("Ubuntu", "ubuntu:22.04", "Ubuntu:22.04:LTS", True),
        ("Ubuntu", "ubuntu:22.04", "Ubuntu:Pro:22.04:LTS", False),
        ("openEuler", "openeuler:22.03-LTS-SP3", "openEuler:22.03-LTS-SP3", True),
        ("openEuler", "openeuler:22.03", "openEuler:22.03-LTS-SP3", False),  # it does not say which service pack
        ("Mageia", "mageia:9", "Mageia:9", True),
    ],
)
def test_a_release_is_known_by_the_name_that_its_publisher_gives_it(
    ecosystem: str, distro: str, stated: str, matches: bool
) -> None:
    assert (release_of(stated) in ecosystems_of(ecosystem, distro)) is matches


def test_an_rpm_is_matched_by_its_own_name_and_by_its_sources_with_its_own_epoch() -> None:
    def rpm(name: str, version: str) -> Package:
        return Package(
            purl=f"pkg:rpm/redhat/{name}@{version}", name=name, version=version, ecosystem="Red Hat", distro="rhel:9.4",
            source_name="openssl", source_version="3.0.7-18.el9",
        )  # fmt: skip

    timeline = (Range((("introduced", "0"), ("fixed", "1:3.0.7-27.el9"))),)
    for named in ("openssl", "openssl-libs"):
        entry = Affected("Red Hat:enterprise_linux:9::baseos", named, timeline)
        found = affected_by(rpm("openssl-libs", "1:3.0.7-18.el9"), Advisory("RHSA-2024:1", affected=(entry,)))
        assert found is not None
        assert found.fixed == "1:3.0.7-27.el9"
        assert affected_by(rpm("openssl-libs", "1:3.0.7-27.el9"), Advisory("RHSA-2024:1", affected=(entry,))) is None
