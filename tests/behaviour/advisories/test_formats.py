"""Advisory files as their databases publish them, and files that are none."""

from collections.abc import Callable
from pathlib import Path

import pytest

from seawall.formats.advisories.exploitation import read_exploited, read_likelihoods
from seawall.formats.advisories.osv import read_osv
from seawall.formats.advisories.secdb import read_secdb
from seawall.formats.advisories.wolfi import read_wolfi
from seawall.model.advisory import Affected, Exploited, Likelihood, ParsedAdvisories, Range
from seawall.model.resource import Unscanned

RECORDS = Path(__file__).parent / "records"
READERS: list[Callable[[str, bytes], ParsedAdvisories]] = [read_osv, read_secdb, read_wolfi]


def record(name: str) -> bytes:
    return (RECORDS / name).read_bytes()


def test_an_osv_record_in_yaml_keeps_versions_as_text_and_drops_ranges_of_commits() -> None:
    [advisory] = read_osv("PYSEC-2021-364.yaml", record("PYSEC-2021-364.yaml")).advisories
    assert advisory.aliases == ("CVE-2021-41124", "GHSA-823f-cwm9-4g74")
    assert advisory.affected == (
        Affected(
            "PyPI",
            "scrapy-splash",
            (Range((("introduced", "0"), ("fixed", "0.8.0"))),),
            ("0.2", "0.3", "0.4", "0.5", "0.6", "0.6.1", "0.7", "0.7.1", "0.7.2"),
        ),
    )


def test_an_osv_record_in_json_keeps_every_module_with_its_timeline() -> None:
    [advisory] = read_osv("GO-2024-3228.json", record("GO-2024-3228.json")).advisories
    assert [entry.name for entry in advisory.affected] == ["github.com/coder/coder", "github.com/coder/coder/v2"]
    assert len(advisory.affected[1].ranges[0].events) == 6


def test_alpines_database_gives_one_advisory_for_each_package_and_flaw() -> None:
    found = read_secdb("main.yaml", record("secdb-v3.11-main.yaml"))
    assert not found.unscanned
    ansible = next(advisory for advisory in found.advisories if advisory.id == "ALPINE-CVE-2019-14846")
    assert ansible.aliases == ("CVE-2019-14846",)
    fixed = Range((("introduced", "0"), ("fixed", "2.8.6-r0")))
    assert ansible.affected == (Affected("Alpine:v3.11", "ansible", (fixed,)),)


def test_alpines_database_is_read_in_json_and_what_was_never_affected_is_left_out() -> None:
    text = b"""{"distroversion": "v3.20", "packages": [{"pkg": {"name": "xen", "secfixes":
        {"4.12.1-r1": ["CVE-2019-17349 XSA-295"], "0": ["CVE-2020-1"], "4.13.0-r0": null}}}, {"pkg": 3}]}"""
    found = read_secdb("main.json", text)
    assert [(advisory.id, advisory.aliases) for advisory in found.advisories] == [
        ("ALPINE-CVE-2019-17349", ("CVE-2019-17349", "XSA-295"))
    ]
    assert [entry.path for entry in found.unscanned] == ["main.json"]


def test_the_last_event_of_a_wolfi_advisory_decides() -> None:
    [advisory] = read_wolfi("ffmpeg.advisories.yaml", record("ffmpeg.advisories.yaml")).advisories
    assert advisory.id == "CGA-fq6p-3ch8-qh9q"  # the other one is a false positive
    fixed = Range((("introduced", "0"), ("fixed", "6.1-r2")))
    assert advisory.affected == (Affected("Wolfi", "ffmpeg", (fixed,)), Affected("Chainguard", "ffmpeg", (fixed,)))


def test_the_catalogue_of_known_exploited_vulnerabilities_says_since_when_and_whether_for_ransom() -> None:
    found, unscanned = read_exploited("known-exploited.json", record("known-exploited.json"))
    assert unscanned == ()
    assert found[0] == Exploited("CVE-2025-48384", "2025-08-25", ransomware=False)
    assert found[1].ransomware


def test_exploitation_scores_are_read_line_by_line_and_a_bad_line_is_named() -> None:
    lines = [
        "#model_version:v2025.03.14,score_date:2025-08-25",
        "cve,epss,percentile",
        "CVE-2021-44228,0.94358,0.99957",
    ]
    assert list(read_likelihoods("epss.csv", [*lines, "CVE-2021-1,2.0,nan", "x"])) == [
        Likelihood("CVE-2021-44228", 0.94358, 0.99957),
        Unscanned("epss.csv:4", "no EPSS score: cve,epss,percentile is expected, the last two from 0 to 1"),
        Unscanned("epss.csv:5", "no EPSS score: cve,epss,percentile is expected, the last two from 0 to 1"),
    ]


BAD = {
    "empty": b"",
    "cut": record("GO-2024-3228.json")[:300],
    "no text": b"\xff\xfe\x00\x80",
    "another shape": b'["id"]',
    "deep json": b"[" * 100_000,
    "deep yaml": b"{a: " * 5_000,
    "billion laughs": b"a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\nid: y\n",
    "a collection as key": b"? [a]\n: b\n",
}


@pytest.mark.parametrize("path", ["bad.json", "bad.yaml"])
@pytest.mark.parametrize("case", sorted(BAD))
def test_a_file_that_is_no_advisory_is_unscanned_with_a_reason_and_never_an_exception(case: str, path: str) -> None:
    for read in READERS:
        found = read(path, BAD[case])
        assert not found.advisories
        assert [entry.path for entry in found.unscanned] == [path]
    exploited, unscanned = read_exploited(path, BAD[case])
    assert exploited == ()
    assert len(unscanned) == 1
