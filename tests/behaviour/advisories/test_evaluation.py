"""Whether an advisory affects a package, by the evaluation of the OSV schema, and what fixes it."""

from pathlib import Path

import pytest

from seawall.facts.advisories import affected_by
from seawall.facts.flaws import flaws
from seawall.formats.advisories.osv import read_osv
from seawall.formats.versions import VersionError
from seawall.model.advisory import Advisory, Affected, Range
from seawall.model.package import Package

RECORDS = Path(__file__).parent / "records"


def package(ecosystem: str, name: str, version: str, **more: str) -> Package:
    return Package(purl=f"pkg:generic/{name}@{version}", name=name, version=version, ecosystem=ecosystem, **more)


def advisory(
    *events: tuple[str, str], ecosystem: str = "npm", versions: tuple[str, ...] = (), **more: object
) -> Advisory:
    ranges = (Range(events),) if events else ()
    return Advisory(id="T-1", affected=(Affected(ecosystem, "thing", ranges, versions),), **more)  # type: ignore[arg-type]


def real(name: str) -> Advisory:
    [read] = read_osv(name, (RECORDS / name).read_bytes()).advisories
    return read


CODER = "github.com/coder/coder/v2"


@pytest.mark.parametrize(
    ("version", "fixed"),
    [
        ("v2.3.0", None),
        ("v2.3.1", "2.14.4"),
        ("v2.14.4", None),
        ("v2.15.0", "2.15.3"),
        ("v2.16.0", "2.16.1"),
        ("v2.16.1", None),
    ],
)
def test_a_timeline_of_several_releases_names_the_fix_of_the_release_in_use(version: str, fixed: str | None) -> None:
    match = affected_by(package("Go", CODER, version), real("GO-2024-3228.json"))
    assert (match and match.fixed) == fixed


def test_a_timeline_without_an_end_has_no_fix() -> None:
    match = affected_by(package("Go", "github.com/coder/coder", "v0.1.0"), real("GO-2024-3228.json"))
    assert match is not None
    assert match.fixed == ""


def test_what_is_introduced_and_fixed_in_one_version_affects_nothing() -> None:
    rustls = real("RUSTSEC-2024-0399.json")
    versions = ("0.23.0", "0.23.12", "0.23.13", "0.23.17", "0.23.18")
    affected = [version for version in versions if affected_by(package("crates.io", "rustls", version), rustls)]
    assert affected == ["0.23.13", "0.23.17"]


def test_python_names_match_in_every_spelling_of_the_index() -> None:
    match = affected_by(package("PyPI", "Scrapy_Splash", "0.7.2"), real("PYSEC-2021-364.yaml"))
    assert match is not None
    assert match.fixed == "0.8.0"


@pytest.mark.parametrize(
    ("events", "affected"),
    [
        ((("introduced", "1.0.0"), ("last_affected", "1.2.0")), ["1.0.0", "1.2.0"]),
        ((("introduced", "1.0.0"), ("fixed", "1.2.0")), ["1.0.0"]),
        ((("fixed", "1.2.0"), ("introduced", "1.0.0")), ["1.0.0"]),
        ((("introduced", "0"), ("limit", "1.0.0")), ["0.9.0", "1.0.0-rc.1"]),
        ((("introduced", "1.2.0"), ("limit", "*")), ["1.2.0", "1.2.1"]),
        ((("fixed", "1.0.0"), ("introduced", "1.0.0")), ["1.0.0", "1.2.0", "1.2.1"]),
        ((), []),
    ],
)
def test_events_count_in_the_order_of_their_versions(events: tuple[tuple[str, str], ...], affected: list[str]) -> None:
    versions = ["0.9.0", "1.0.0-rc.1", "1.0.0", "1.2.0", "1.2.1"]
    assert [
        version for version in versions if affected_by(package("npm", "thing", version), advisory(*events))
    ] == affected


def test_a_listed_version_is_affected_in_each_of_its_spellings() -> None:
    listed = advisory(ecosystem="PyPI", versions=("1.0",))
    assert affected_by(package("PyPI", "thing", "1.0.0"), listed)
    assert not affected_by(package("PyPI", "thing", "1.0.1"), listed)


def test_a_withdrawn_advisory_and_a_package_without_a_version_match_nothing() -> None:
    everything = (("introduced", "0"),)
    assert affected_by(package("npm", "thing", "1.0.0"), advisory(*everything))
    assert (
        affected_by(package("npm", "thing", "1.0.0"), advisory(*everything, withdrawn="2024-01-01T00:00:00Z")) is None
    )
    assert affected_by(package("npm", "thing", ""), advisory(*everything)) is None


@pytest.mark.parametrize(
    ("ecosystem", "advised", "distro", "matches"),
    [
        ("Debian", "Debian:12", "debian:12", True),
        ("Debian", "Debian:12", "debian:12.5", True),
        ("Debian", "Debian:11", "debian:12", False),
        ("Alpine", "Alpine:v3.20", "alpine:3.20.3", True),
        ("Alpine", "Alpine:v3.2", "alpine:3.20.3", False),
        ("Ubuntu", "Ubuntu:22.04:LTS", "ubuntu:22.04", True),
        ("Rocky Linux", "Rocky Linux:9", "rocky:9.3", True),
        ("Wolfi", "Wolfi", "wolfi", True),
    ],
)
def test_a_distributions_package_matches_the_advisories_of_its_release(
    ecosystem: str, advised: str, distro: str, matches: bool
) -> None:
    found = affected_by(
        package(ecosystem, "thing", "1.0-1", distro=distro), advisory(("introduced", "0"), ecosystem=advised)
    )
    assert (found is not None) == matches


def test_a_distributions_package_matches_by_its_source_package_and_that_ones_version() -> None:
    fixed = advisory(("introduced", "0"), ("fixed", "1.5-1"), ecosystem="Debian:12")
    binary = package("Debian", "libthing1", "9:2.0-1", distro="debian:12", source_name="thing", source_version="1.4-1")
    match = affected_by(binary, fixed)
    assert match is not None
    assert match.fixed == "1.5-1"


def test_a_version_that_cannot_be_compared_is_an_error_and_not_a_clean_package() -> None:
    with pytest.raises(VersionError, match="latest"):
        affected_by(package("npm", "thing", "latest"), advisory(("introduced", "1.0.0")))


def test_a_fix_that_another_range_affects_is_passed_over() -> None:
    entries = (
        Affected("npm", "thing", (Range((("introduced", "0"), ("fixed", "1.5.0"))),)),
        Affected("npm", "thing", (Range((("introduced", "1.4.0"), ("fixed", "2.0.0"))),)),
    )
    match = affected_by(package("npm", "thing", "1.0.0"), Advisory("T-1", affected=entries))
    assert match is not None
    assert match.fixed == "2.0.0"


def test_records_of_one_flaw_become_one_flaw_with_all_its_names_and_the_fix_that_satisfies_all() -> None:
    thing = package("PyPI", "thing", "1.0")

    def named(name: str, *aliases: str, fixed: str) -> Advisory:
        entry = Affected("PyPI", "thing", (Range((("introduced", "0"), ("fixed", fixed))),))
        return Advisory(name, aliases=aliases, affected=(entry,))

    records = [
        named("PYSEC-1", "CVE-2024-1", fixed="1.2"),
        named("GHSA-a", "CVE-2024-1", fixed="1.10"),
        named("GHSA-b", "GHSA-a", fixed="1.1"),
        named("PYSEC-2", "CVE-2024-2", fixed="1.1"),
    ]
    found = flaws(match for record in records if (match := affected_by(thing, record)))
    assert [(flaw.id, flaw.names, flaw.fixed) for flaw in found] == [
        ("CVE-2024-1", ("CVE-2024-1", "GHSA-a", "GHSA-b", "PYSEC-1"), "1.10"),
        ("CVE-2024-2", ("CVE-2024-2", "PYSEC-2"), "1.1"),
    ]
