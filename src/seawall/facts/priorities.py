"""In which order vulnerabilities are looked at: known to be exploited first, then likely to be, then by how bad they would be.

    found = vulnerability(flaw, exploited=[…], likelihoods=[…])    # model.vulnerability.Vulnerability
    sorted(all_found, key=lambda found: found.priority.key)

The classes, each with the fact that alone decides it, in this order:

1. ``known-exploited``: CISA's catalogue (KEV) has the CVE.
2. ``likely-exploited``: FIRST's estimate (EPSS) is at least `likely_from`.
3. ``critical``, ``high``, ``medium``, ``low``: the CVSS score by the bands of its version; where there is no vector, the
publisher's word.
   One word goes before CVSS: a distribution's ``unimportant`` or ``negligible`` is about this package, in which the flaw has no
   effect, while CVSS is about the flaw: the class is ``low``.
4. ``unrated``: nobody has said anything.

Inside a class the more likely comes first, then the higher score. No fact is turned into another: a word never becomes a score.
"""

from collections.abc import Iterable
from typing import Final

from seawall.facts.flaws import Flaw
from seawall.formats.cvss import best_vector
from seawall.model.advisory import Exploited, Likelihood
from seawall.model.vulnerability import Cvss, Priority, PriorityClass, Vulnerability

LIKELY_FROM: Final = 0.1
"""EPSS from which a flaw counts as likely to be exploited: 1 in 10 within 30 days."""

_NO_EFFECT: Final = frozenset({"unimportant", "negligible"})
"""Debian's and Ubuntu's words for a flaw that has no effect in their package."""

_WORDS: Final = {
    "critical": PriorityClass.CRITICAL,
    "malicious": PriorityClass.CRITICAL,  # the package was made to do harm; there is nothing to score
    "high": PriorityClass.HIGH,
    "important": PriorityClass.HIGH,  # Red Hat, SUSE, Rocky Linux, AlmaLinux
    "medium": PriorityClass.MEDIUM,
    "moderate": PriorityClass.MEDIUM,  # GitHub, Red Hat, SUSE
    "low": PriorityClass.LOW,
    "unimportant": PriorityClass.LOW,
    "negligible": PriorityClass.LOW,
}
"""Publishers' words. Others (``not yet assigned``, ``untriaged``, ``end-of-life``) rate nothing."""


def vulnerability(
    flaw: Flaw,
    *,
    exploited: Iterable[Exploited] = (),
    likelihoods: Iterable[Likelihood] = (),
    likely_from: float = LIKELY_FROM,
) -> Vulnerability:
    """Return what is known of `flaw`. `exploited` and `likelihoods` are those of its names; where there are several, the
    worst counts.
    """
    advisories = [match.advisory for match in flaw.matches]
    cvss = best_vector(vector for advisory in advisories for vector in advisory.severities)
    # What is said of this package goes before what is said of the flaw.
    words = [entry.severity for advisory in advisories for entry in advisory.affected if entry.severity]
    word = _worst(words) or _worst([advisory.severity for advisory in advisories if advisory.severity])
    known = min(exploited, key=lambda found: (found.added, found.cve), default=None)
    epss = max(likelihoods, key=lambda found: (found.probability, found.cve), default=None)
    return Vulnerability(
        id=flaw.id,
        names=flaw.names,
        package=flaw.package,
        fixed=flaw.fixed,
        summary=next((advisory.summary for advisory in advisories if advisory.summary), ""),
        cvss=cvss,
        publisher_severity=word,
        epss=epss,
        exploited=known,
        priority=priority(cvss, word, epss, known, likely_from=likely_from),
    )


def priority(
    cvss: Cvss | None,
    publisher_severity: str,
    epss: Likelihood | None,
    exploited: Exploited | None,
    *,
    likely_from: float = LIKELY_FROM,
) -> Priority:
    """Return the class and the sorting key of one vulnerability."""
    if exploited is not None:
        level = PriorityClass.KNOWN_EXPLOITED
    elif epss is not None and epss.probability >= likely_from:
        level = PriorityClass.LIKELY_EXPLOITED
    elif publisher_severity in _NO_EFFECT:
        level = PriorityClass.LOW
    elif cvss is not None:
        level = _band(cvss)
    else:
        level = _WORDS.get(publisher_severity, PriorityClass.UNRATED)
    return Priority(level, (level.rank, -epss.probability if epss else 0.0, -cvss.score if cvss else 0.0))


def _band(cvss: Cvss) -> PriorityClass:
    """The qualitative scale of CVSS 3.0 and later (3.1 specification, section 5); version 2 has no critical band (NVD's
    scale).
    """
    if cvss.score >= 9.0 and cvss.version != "2.0":
        return PriorityClass.CRITICAL
    if cvss.score >= 7.0:
        return PriorityClass.HIGH
    if cvss.score >= 4.0:
        return PriorityClass.MEDIUM
    return PriorityClass.LOW


def _worst(words: list[str]) -> str:
    """Return the most severe of several words; one that rates nothing only where there is no other."""
    return min(words, key=lambda word: (_WORDS.get(word, PriorityClass.UNRATED).rank, word), default="")
