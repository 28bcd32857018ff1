"""The advisory database: what goes in is found again, and a file that is broken never passes for one that knows of no flaw."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from seawall.formats.advisories.osv import read_osv
from seawall.model.advisory import Advisory, Affected, Exploited, Likelihood, Range
from seawall.model.errors import SourceError
from seawall.model.package import Package
from seawall.sources.advisory_database import FORMAT, AdvisoryDatabase
from seawall.sources.advisory_database_build import DatabaseBuild

RECORDS = Path(__file__).parent / "records"


def real(name: str) -> Advisory:
    [read] = read_osv(name, (RECORDS / name).read_bytes()).advisories
    return read


def simple(number: int, ecosystem: str = "npm", **more: str) -> Advisory:
    entry = Affected(ecosystem, f"thing-{number}", (Range((("introduced", "0"), ("fixed", "2.0.0"))),))
    return Advisory(f"T-{number}", affected=(entry,), **more)


def package(ecosystem: str, name: str, version: str, **more: str) -> Package:
    return Package(purl=f"pkg:generic/{name}@{version}", name=name, version=version, ecosystem=ecosystem, **more)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "advisories.db"


def test_each_package_gets_the_advisories_that_affect_it_from_one_file_of_many_ecosystems(path: Path) -> None:
    with DatabaseBuild(path) as build:
        names = ["PYSEC-2021-364.yaml", "GO-2024-3228.json", "RUSTSEC-2024-0399.json"]
        assert build.add(map(real, names)) == 3
        assert build.add([simple(1, "Debian:12"), simple(1, "Debian:11")]) == 2
    packages = [
        package("PyPI", "Scrapy.Splash", "0.7"),
        package("PyPI", "scrapy-splash", "0.8.0"),
        package("Go", "github.com/coder/coder/v2", "v2.16.0"),
        package("crates.io", "rustls", "0.23.14"),
        package("Debian", "libthing", "9", distro="debian:12", source_name="thing-1", source_version="1.9.9"),
        package("npm", "nothing-known", "1.0.0"),
        package("npm", "thing-1", ""),
    ]
    with AdvisoryDatabase(path) as database:
        found = database.match(packages)
        assert database.counts() == {"Debian": 2, "Go": 1, "PyPI": 1, "crates.io": 1}
    assert [(match.package.name, match.advisory.id, match.fixed) for match in found.matches] == [
        ("Scrapy.Splash", "PYSEC-2021-364", "0.8.0"),
        ("github.com/coder/coder/v2", "GO-2024-3228", "2.16.1"),
        ("rustls", "RUSTSEC-2024-0399", "0.23.18"),
        ("libthing", "T-1", "2.0.0"),
    ]
    assert found.unscanned == ()


def test_packages_of_one_name_and_version_at_two_places_are_both_matched(path: Path) -> None:
    with DatabaseBuild(path) as build:
        build.add([simple(1)])
    places = [
        package("npm", "thing-1", "1.0.0", path="a/package-lock.json"),
        package("npm", "thing-1", "1.0.0", path="b/yarn.lock"),
    ]
    with AdvisoryDatabase(path) as database:
        assert [match.package.path for match in database.match(places).matches] == [
            "a/package-lock.json",
            "b/yarn.lock",
        ]


def test_a_version_that_cannot_be_compared_is_unscanned_at_the_file_that_names_it(path: Path) -> None:
    with DatabaseBuild(path) as build:
        build.add([simple(1)])
    with AdvisoryDatabase(path) as database:
        found = database.match([package("npm", "thing-1", "latest", path="package-lock.json")])
    assert found.matches == ()
    assert [entry.path for entry in found.unscanned] == ["package-lock.json"]
    assert "T-1" in found.unscanned[0].reason


def test_withdrawn_advisories_are_counted_and_not_kept(path: Path) -> None:
    with DatabaseBuild(path) as build:
        assert build.add([simple(1, withdrawn="2024-01-01T00:00:00Z"), simple(2)]) == 2
    with AdvisoryDatabase(path) as database:
        assert database.counts() == {"npm": 1}


def test_exploitation_is_known_by_the_cve(path: Path) -> None:
    with DatabaseBuild(path) as build:
        build.add_exploited([Exploited("CVE-2025-1", "2025-01-02", ransomware=True)])
        build.add_likelihoods([Likelihood("CVE-2025-1", 0.1, 0.2), Likelihood("CVE-2025-1", 0.9, 0.99)])
    with AdvisoryDatabase(path) as database:
        assert database.exploited("CVE-2025-1") == Exploited("CVE-2025-1", "2025-01-02", ransomware=True)
        assert database.likelihood("CVE-2025-1") == Likelihood("CVE-2025-1", 0.9, 0.99)
        assert database.exploited("CVE-2025-2") is None
        assert database.likelihood("CVE-2025-2") is None


def test_a_build_that_fails_leaves_the_old_database_and_nothing_else(path: Path) -> None:
    with DatabaseBuild(path) as build:
        build.add([simple(1)])

    def broken() -> Iterator[Advisory]:
        yield simple(2)
        raise SourceError("the line went dead")

    with pytest.raises(SourceError, match="dead"), DatabaseBuild(path) as build:
        build.add(broken())
    assert [entry.name for entry in path.parent.iterdir()] == ["advisories.db"]
    with AdvisoryDatabase(path) as database:
        assert len(database.match([package("npm", "thing-1", "1.0.0")]).matches) == 1


def test_a_file_that_cannot_be_written_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SourceError, match="cannot be written"):
        DatabaseBuild(tmp_path / "file" / "advisories.db")


def test_a_missing_database_is_an_error_with_the_way_out(path: Path) -> None:
    with pytest.raises(SourceError, match=r"there is no advisory database.*import"):
        AdvisoryDatabase(path)


@pytest.mark.parametrize("content", [b"", b"no database at all", b"SQLite format 3\0" + b"\xff" * 4096])
def test_a_file_that_is_no_database_is_an_error(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(SourceError):
        AdvisoryDatabase(path)


def test_a_database_of_another_format_is_an_error(path: Path) -> None:
    with DatabaseBuild(path) as build:
        build.add([simple(1)])
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(SourceError, match=f"has format 99, and this version of Seawall reads format {FORMAT}"):
        AdvisoryDatabase(path)


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE affected SET entry = x'c1'",
        "UPDATE advisory SET document = x'93'",
        "DELETE FROM advisory",
        "DROP TABLE affected",
    ],
)
def test_a_damaged_database_is_an_error_and_not_a_clean_scan(path: Path, damage: str) -> None:
    with DatabaseBuild(path) as build:
        build.add([simple(1)])
    connection = sqlite3.connect(path)
    connection.execute(damage)
    connection.commit()
    connection.close()
    with AdvisoryDatabase(path) as database, pytest.raises(SourceError):
        database.match([package("npm", "thing-1", "1.0.0")])


def test_a_name_is_a_value_and_never_a_part_of_the_query(path: Path) -> None:
    with DatabaseBuild(path) as build:
        build.add([simple(1)])
    with AdvisoryDatabase(path) as database:
        assert database.match([package("npm", "x' OR '1'='1", "1.0.0")]).matches == ()
