"""The order in which vulnerabilities are looked at, and what is kept of what their publishers say."""

import pytest

from seawall.facts.advisories import Match
from seawall.facts.flaws import flaws
from seawall.facts.priorities import priority, vulnerability
from seawall.formats.advisories.osv import read_osv
from seawall.model.advisory import Advisory, Affected, Exploited, Likelihood
from seawall.model.package import Package
from seawall.model.vulnerability import Cvss, PriorityClass

PACKAGE = Package(purl="pkg:deb/debian/openssl@3.0.1", name="openssl", version="3.0.1", ecosystem="Debian")
WORST = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"


def cvss(score: float, version: str = "3.1") -> Cvss:
    return Cvss(version=version, score=score, vector="")


def epss(probability: float) -> Likelihood:
    return Likelihood("CVE-2024-0001", probability, 0.5)


def match(name: str, *, fixed: str = "", package: Package = PACKAGE, **more: object) -> Match:
    return Match(Advisory(name, **more), package, fixed)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ((cvss(2.0), "low", epss(0.9), Exploited("CVE-2024-0001", "2024-01-01")), PriorityClass.KNOWN_EXPLOITED),
        ((cvss(2.0), "", epss(0.1), None), PriorityClass.LIKELY_EXPLOITED),
        ((cvss(9.0), "", epss(0.0999), None), PriorityClass.CRITICAL),
        ((cvss(10.0, "2.0"), "", None, None), PriorityClass.HIGH),
        ((cvss(8.9), "critical", None, None), PriorityClass.HIGH),
        ((cvss(6.9), "", None, None), PriorityClass.MEDIUM),
        ((cvss(3.9), "", None, None), PriorityClass.LOW),
        ((cvss(9.8), "unimportant", None, None), PriorityClass.LOW),
        ((None, "moderate", None, None), PriorityClass.MEDIUM),
        ((None, "important", epss(0.01), None), PriorityClass.HIGH),
        ((None, "not yet assigned", epss(0.01), None), PriorityClass.UNRATED),
        ((None, "", None, None), PriorityClass.UNRATED),
    ],
)
def test_exploitation_goes_before_scores_and_scores_before_words(
    facts: tuple[Cvss | None, str, Likelihood | None, Exploited | None], expected: PriorityClass
) -> None:
    assert priority(*facts).level is expected


def test_sorted_by_the_key_the_likelier_and_then_the_graver_of_a_class_come_first() -> None:
    ordered = [
        priority(None, "", None, Exploited("CVE-2024-0001", "2024-01-01")),
        priority(cvss(5.0), "", epss(0.9), None),
        priority(cvss(9.9), "", epss(0.2), None),
        priority(cvss(9.1), "", epss(0.05), None),
        priority(cvss(10.0), "", epss(0.01), None),
        priority(cvss(10.0), "", None, None),
        priority(cvss(9.5), "", None, None),
        priority(cvss(1.0), "", epss(0.09), None),
        priority(None, "", None, None),
    ]
    assert sorted((found for found in reversed(ordered)), key=lambda found: found.key) == ordered


def test_the_threshold_of_likely_is_the_callers() -> None:
    assert priority(None, "", epss(0.3), None, likely_from=0.5).level is PriorityClass.UNRATED
    assert priority(None, "", epss(0.5), None, likely_from=0.5).level is PriorityClass.LIKELY_EXPLOITED


def test_a_vulnerability_keeps_every_fact_as_it_was_published() -> None:
    [flaw] = flaws([
        match(
            "GHSA-aaaa-bbbb-cccc", fixed="3.0.3", aliases=("CVE-2024-0001",),
            severities=(WORST,), severity="moderate", summary="S",
        ),
        match("CVE-2024-0001", fixed="3.0.2"),
    ])  # fmt: skip
    known = Exploited("CVE-2024-0001", "2024-02-03", ransomware=True)
    found = vulnerability(flaw, exploited=[known], likelihoods=[epss(0.4)])
    assert (found.id, found.names) == ("CVE-2024-0001", ("CVE-2024-0001", "GHSA-aaaa-bbbb-cccc"))
    assert found.cvss == Cvss(version="3.1", score=9.8, vector=WORST)
    assert (found.fixed, found.summary, found.publisher_severity) == ("3.0.3", "S", "moderate")
    assert (found.epss, found.exploited, found.kev) == (epss(0.4), known, True)
    assert found.priority.level is PriorityClass.KNOWN_EXPLOITED


def test_the_word_on_the_package_goes_before_the_word_on_the_flaw() -> None:
    entry = Affected("Debian:12", "openssl", severity="unimportant")
    [flaw] = flaws([
        match("DEBIAN-CVE-2024-1", upstream=("CVE-2024-1",), affected=(entry,)),
        match("CVE-2024-1", severity="critical"),
    ])  # fmt: skip
    assert vulnerability(flaw).publisher_severity == "unimportant"


def test_the_record_of_a_distribution_joins_the_flaw_that_it_packages() -> None:
    found = flaws([
        match("DEBIAN-CVE-2024-1", upstream=("CVE-2024-1",)),
        match("UBUNTU-CVE-2024-2", upstream=("CVE-2024-2",)),
        match("ALPINE-CVE-2024-3"),
        match("GHSA-aaaa-bbbb-cccc", aliases=("CVE-2024-1", "PYSEC-2024-1")),
        match("PYSEC-2024-1"),
        match("CVE-2024-3"),
    ])  # fmt: skip
    assert [(flaw.id, len(flaw.matches)) for flaw in found] == [("CVE-2024-1", 3), ("CVE-2024-2", 1), ("CVE-2024-3", 2)]
    assert found[0].names == ("CVE-2024-1", "GHSA-aaaa-bbbb-cccc", "DEBIAN-CVE-2024-1", "PYSEC-2024-1")


def test_an_advisory_that_fixes_several_flaws_is_about_each_and_joins_none() -> None:
    found = flaws([
        match("DSA-5000-1", fixed="3.0.4", upstream=("CVE-2024-1", "CVE-2024-2")),
        match("USN-7000-1", upstream=("CVE-2024-2", "UBUNTU-CVE-2024-2")),
        match("DEBIAN-CVE-2024-1", fixed="3.0.2", upstream=("CVE-2024-1",)),
    ])  # fmt: skip
    assert [(flaw.id, flaw.fixed) for flaw in found] == [("CVE-2024-1", "3.0.4"), ("CVE-2024-2", "3.0.4")]
    assert found[0].names == ("CVE-2024-1", "DEBIAN-CVE-2024-1", "DSA-5000-1")
    assert found[1].names == ("CVE-2024-2", "DSA-5000-1", "UBUNTU-CVE-2024-2", "USN-7000-1")


def test_words_of_publishers_are_kept_wherever_their_records_have_them() -> None:
    data = b"""{"id": "X-1", "database_specific": {"severity": "HIGH"}, "severity": [{"type": "CVSS_V3", "score": "v"}],
      "affected": [
        {"package": {"ecosystem": "Debian:12", "name": "a"}, "ecosystem_specific": {"urgency": "unimportant"}, "versions":
        ["1"]}, {"package": {"ecosystem": "Ubuntu:22.04:LTS", "name": "a"}, "severity": [{"type": "Ubuntu", "score":
        "medium"}]}, {"package": {"ecosystem": "npm", "name": "a"}, "severity": [{"type": "CVSS_V4", "score": "w"}],
         "ecosystem_specific": []}]}"""
    [advisory] = read_osv("X-1.json", data).advisories
    assert (advisory.severity, advisory.severities) == ("high", ("v", "w"))
    assert [entry.severity for entry in advisory.affected] == ["unimportant", "medium", ""]


def test_a_package_that_was_made_to_do_harm_is_critical_though_nobody_scores_it() -> None:
    data = (
        b"""{"id": "MAL-2024-1", "affected": [{"package": {"ecosystem": "npm", "name": "a"}, "versions": ["1.0.0"]}]}"""
    )
    [advisory] = read_osv("MAL-2024-1.json", data).advisories
    package = Package(purl="pkg:npm/a@1.0.0", name="a", version="1.0.0", ecosystem="npm")
    [flaw] = flaws([Match(advisory, package, "")])
    found = vulnerability(flaw)
    assert (found.publisher_severity, found.priority.level, found.cvss) == ("malicious", PriorityClass.CRITICAL, None)


def test_what_an_older_record_of_a_distribution_calls_related_is_what_it_fixes() -> None:
    text = '{"id": "%s", "related": ["CVE-2024-1", "X"], "affected": [{"package": {"ecosystem": "%s", "name": "a"}}]}'
    [errata] = read_osv("a.json", (text % ("ALSA-2024:1", "AlmaLinux:9")).encode()).advisories
    [other] = read_osv("a.json", (text % ("GHSA-aaaa-bbbb-cccc", "npm")).encode()).advisories
    assert (errata.upstream, other.upstream) == (("CVE-2024-1",), ())
