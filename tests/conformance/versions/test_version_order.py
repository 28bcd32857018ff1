"""The order of versions against osv-scalibr's cases and, for Debian, against dpkg itself."""

import subprocess
from itertools import product
from pathlib import Path

import pytest

from seawall.formats.versions import ORDERS, VersionError, comparable, compare, is_version
from tests.testbed.system_programs import needs

DATA = Path(__file__).parent / "data"
CASES = {  # file: the ecosystems that it speaks for, and how many cases it has (a smaller number means that some were not read)
    "alpine": (("Alpine", "Alpine:v3.20", "Wolfi", "Chainguard"), 778),
    "cran": (("CRAN",), 21),
    "debian": (("Debian", "Debian:12", "Ubuntu"), 30),
    "hackage": (("Hackage",), 11),
    "maven": (("Maven",), 102),
    "nuget": (("NuGet",), 35),
    "packagist": (("Packagist",), 95),
    "pub": (("Pub",), 100),
    "pypi": (("PyPI",), 37),
    "redhat": (("Red Hat", "Rocky Linux", "AlmaLinux:9"), 165),
    "rubygems": (("RubyGems",), 25),
    "semver": (("npm", "Go", "crates.io"), 86),
}
SIGNS = {"<": -1, "=": 0, ">": 1}

needs_dpkg = needs("dpkg")


def cases(name: str) -> list[tuple[str, int, str]]:
    lines = (DATA / f"{name}-versions.txt").read_text(encoding="utf-8").splitlines()
    fields = (line.split() for line in lines if not line.startswith(("# ", "//")))
    return [(left, SIGNS[sign], right) for left, sign, right in (found for found in fields if found)]


@pytest.mark.parametrize("name", sorted(CASES))
def test_every_ordered_pair_of_the_ecosystem_compares_as_its_own_tools_do(name: str) -> None:
    ecosystems, expected = CASES[name]
    read = cases(name)
    wrong = [
        (ecosystem, left, sign, right)
        for ecosystem in ecosystems
        for left, sign, right in read
        if (compare(ecosystem, left, right), compare(ecosystem, right, left)) != (sign, -sign)
    ]
    print(f"{name}: {len(read)} cases, {len(wrong)} wrong")
    assert wrong == []
    assert len(read) == expected


@needs_dpkg
def test_debian_versions_compare_as_dpkg_compares_them() -> None:
    versions = [
        "0",
        "1",
        "1.0",
        "1.0~",
        "1.0~rc1-1",
        "1.0-1",
        "1.0-1~deb12u1",
        "1.0-1+b1",
        "1:0.9",
        "1.0+dfsg-1",
        "1.0a-1",
        "1.0-0",
    ]
    for left, right in product(versions, repeat=2):
        run = subprocess.run(
            ["dpkg", "--compare-versions", left, "lt", right], check=False, capture_output=True, timeout=20
        )
        assert (compare("Debian", left, right) < 0) == (run.returncode == 0), (left, right)


def test_an_ecosystem_without_a_known_order_is_an_error_and_not_a_guess() -> None:
    assert not comparable("Atlantis")
    with pytest.raises(VersionError, match="Atlantis"):
        compare("Atlantis", "1", "2")


@pytest.mark.parametrize(
    ("ecosystem", "text"),
    [
        ("npm", "latest"),
        ("Go", ""),
        ("Debian", "a:1"),
        ("Debian", "1:"),
        ("Hackage", "1.x"),
        ("RubyGems", "1 || 2"),
        ("NuGet", "*"),
    ],
)
def test_a_text_that_is_no_version_is_an_error(ecosystem: str, text: str) -> None:
    assert not is_version(ecosystem, text)


@pytest.mark.parametrize("ecosystem", sorted(ORDERS))
def test_no_text_costs_more_than_its_length_and_every_failure_is_a_version_error(ecosystem: str) -> None:
    for text in ("9" * 512, "9" * 5000, "1." * 256, "a" * 512, "\0", "1²", "-", "1:\u0661", "~" * 512):
        is_version(ecosystem, text)
    assert not is_version(ecosystem, "1" * 513)
