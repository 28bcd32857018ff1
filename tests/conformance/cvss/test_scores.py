"""CVSS scores against those of the library that the field uses: every base vector of versions 2 and 3, a sample of version 4."""

from itertools import product
from pathlib import Path

import pytest

from seawall.formats.cvss import CvssError, best_vector, read_vector

DATA = Path(__file__).parent
BASE_2 = (("AV", "LAN"), ("AC", "HML"), ("Au", "MSN"), ("C", "NPC"), ("I", "NPC"), ("A", "NPC"))
BASE_3 = (
    ("AV", "NALP"), ("AC", "LH"), ("PR", "NLH"), ("UI", "NR"), ("S", "UC"), ("C", "HLN"), ("I", "HLN"), ("A", "HLN"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("prefix", "metrics", "file", "count"),
    [
        ("", BASE_2, "base-scores-2.0.txt", 729),
        ("CVSS:3.0/", BASE_3, "base-scores-3.1.txt", 2592),
        ("CVSS:3.1/", BASE_3, "base-scores-3.1.txt", 2592),
    ],
    ids=["2.0", "3.0", "3.1"],
)
def test_every_base_vector_has_its_published_score(
    prefix: str, metrics: tuple[tuple[str, str], ...], file: str, count: int
) -> None:
    expected = [int(tenths) / 10 for tenths in (DATA / file).read_text(encoding="ascii").split()]
    assert len(expected) == count
    names = [name for name, _ in metrics]
    for values, score in zip(product(*(values for _, values in metrics)), expected, strict=True):
        vector = prefix + "/".join(f"{name}:{value}" for name, value in zip(names, values, strict=True))
        assert read_vector(vector).score == score, vector


def test_vectors_of_version_4_have_their_published_scores() -> None:
    lines = (DATA / "scores-4.0.txt").read_text(encoding="ascii").splitlines()
    assert len(lines) == 600
    for score, vector in (line.split() for line in lines):
        assert read_vector(vector).score == float(score), vector


@pytest.mark.parametrize(
    ("vector", "score"),
    [
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", 10.0),  # CVE-2021-44228, as NVD has it
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", 7.5),  # CVE-2014-0160
        ("AV:N/AC:L/Au:N/C:P/I:N/A:N", 5.0),  # the same, version 2
        ("(AV:N/AC:L/Au:N/C:P/I:N/A:N)", 5.0),
        ("CVSS:4.0/AV:L/AC:L/AT:P/PR:L/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", 7.3),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N/E:U/RL:O/RC:U", 7.5),  # temporal metrics leave the base score
        ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:N/SC:N/SI:N/SA:N/U:Red", 0.0),
    ],
)
def test_vectors_of_well_known_flaws_have_the_score_that_was_published(vector: str, score: float) -> None:
    assert read_vector(vector).score == score


@pytest.mark.parametrize(
    ("vector", "why"),
    [
        ("", "no metric"),
        ("high", "no metric"),
        ("CVSS:5.0/AV:N", "not a known version"),
        ("CVSS:2.0/AV:N/AC:L/Au:N/C:P/I:N/A:Q", "no metric"),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N", "A is missing"),
        ("CVSS:3.1/AV:N/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", "stands there twice"),
        ("CVSS:3.1/AV:X/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", "no metric"),
        ("CVSS:4.0/AV:N/AC:L/PR:N/UI:N/VC:N/VI:N/VA:N/SC:N/SI:N/SA:N", "AT is missing"),
        ("AV:N/" * 200, "characters"),
    ],
)
def test_what_is_no_vector_never_becomes_a_number(vector: str, why: str) -> None:
    with pytest.raises(CvssError, match=why):
        read_vector(vector)


def test_the_newest_version_stands_for_a_flaw_and_in_it_the_highest_score() -> None:
    low, high = "CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
    newest = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:L/VI:L/VA:L/SC:N/SI:N/SA:N"
    second = "AV:N/AC:L/Au:N/C:C/I:C/A:C"
    best = best_vector([second, low, high])
    assert best is not None
    assert (best.version, best.score, best.vector) == ("3.1", 9.8, high)
    best = best_vector([second, high, newest, "nonsense"])
    assert best is not None
    assert (best.version, best.score) == ("4.0", 6.9)
    assert best_vector(["nonsense", ""]) is None
