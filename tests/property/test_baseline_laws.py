"""Laws of baselines: a scan holds nothing new against itself, and each entry stands for one finding."""

from hypothesis import given
from hypothesis import strategies as st

from sample_reports import make_finding
from seawall.model.finding import Finding
from seawall.model.resource import Location
from seawall.policy import baseline
from seawall.policy.findings import WHAT_DIGITS

WHATS, PATHS = ("a", "b", "c"), ("one.yaml", "two.yaml", "gone.yaml")


@st.composite
def scans(draw: st.DrawFn) -> list[Finding]:
    places = draw(st.lists(st.tuples(st.sampled_from(WHATS), st.sampled_from(PATHS), st.integers(0, 2)), unique=True))
    return [
        make_finding(id=what * WHAT_DIGITS + f"{path}{twin}", location=Location(path, 1, 1, 1, 2))
        for what, path, twin in places
    ]


def compare(now: list[Finding], before: list[Finding]) -> baseline.Compared:
    entries = baseline.read("base.json", baseline.write(baseline.entries_of(before, lambda path: path)))
    return baseline.compare(now, entries, exists=lambda path: path != "gone.yaml", since="base.json")


@given(scans())
def test_nothing_is_new_against_itself(now: list[Finding]) -> None:
    compared = compare(now, now)
    assert all(finding.suppressed is not None for finding in compared.findings)
    assert compared.gone == []


@given(scans(), scans())
def test_every_entry_stands_for_at_most_one_finding(now: list[Finding], before: list[Finding]) -> None:
    compared = compare(now, before)
    known = [finding for finding in compared.findings if finding.suppressed is not None]
    assert len(known) + len(compared.gone) == len(before)
    assert [finding.id for finding in compared.findings] == [finding.id for finding in now]


@given(scans(), scans())
def test_what_was_there_in_the_same_place_is_never_new(now: list[Finding], before: list[Finding]) -> None:
    ids = {finding.id for finding in before}
    assert all(finding.suppressed is not None for finding in compare(now, before).findings if finding.id in ids)
