"""Failures -> findings: the place, the words and the fingerprint.

The fingerprint has two parts. The first `WHAT_DIGITS` digits are a hash of what a finding is about: rule, resource, and the
field path in which a list item goes by its name, its merge key or its content (``containers[name=app]``); the rest is a hash
of the file. Lines may move and list items change places; the finding stays the same, and a file that is
renamed changes the second part alone. Exact twins are told apart by their order, in the second part.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

import msgspec

from seawall.cel.errors import CelError
from seawall.model.digests import blake2b
from seawall.model.fact import Fact
from seawall.model.finding import Finding, Vulnerability
from seawall.model.resource import Place, Resource, ResourceRef, Unscanned
from seawall.model.rule import Rule
from seawall.model.taxonomy import Severity, Verdict
from seawall.policy.compiled import CompiledValidation
from seawall.policy.evaluate import Failure, Inconclusive
from seawall.policy.places import Places

WHAT_DIGITS = 20
"""80 bits: among the findings of one resource, kind and name there is no second hash by chance."""

_WHERE_DIGITS = 12


def _same_path(path: str) -> str:
    return path


Described: TypeAlias = tuple[Failure, str, Place, str, str]
"""What differs from finding to finding: the failure, its fingerprint, its place, the text of its field, and what it says. The
rest is the rule's and the resource's."""


def describe(failures: Iterable[Failure], relative: Callable[[str], str] = _same_path) -> Iterator[Described]:
    """Yield where each of `failures` is, what it says and its fingerprint, in the same order.

    `relative` turns a shown path into the one that the fingerprint uses, which must not depend on where the scan was
    started (``deploy/api.yaml`` for ``../shop/deploy/api.yaml``). A message expression that fails falls back
    to the rule's title, as the API server falls back to ``message``.
    """
    twins: dict[str, int] = {}
    wheres: dict[str, str] = {}
    # Of a validation: the beginning of what its fingerprints are made of, and its message where that is fixed.
    same_for_all: dict[CompiledValidation, tuple[str, str | None]] = {}
    find = Places().find
    resource: Resource | None = None
    who = ""
    for failure in failures:
        validation, fact = failure.validation, failure.fact
        known = same_for_all.get(validation)
        if known is None:
            fixed = validation.message if isinstance(validation.message, str) else None
            known = same_for_all[validation] = (f"{validation.rule.id}\0{validation.index}", fixed)
        which, message = known
        pointed = find(fact, validation, failure.indices)
        place = pointed.place
        path = place.location.path
        if fact.resource is not resource:
            resource = fact.resource
            ref = resource.ref
            # Without the version: a manifest that moves from v1beta1 to v1 is about the same thing.
            group = ref.api_version.rpartition("/")[0]
            who = f"\0{group}\0{ref.kind}\0{ref.namespace}\0{fact.identity or ref.name}\0"
        what = _digest(f"{which}{who}{pointed.stable}", WHAT_DIGITS)
        where = wheres.get(path)
        if where is None:
            where = wheres[path] = _digest(relative(path), _WHERE_DIGITS)
        fingerprint = what + where
        if fingerprint in twins:
            twins[fingerprint] += 1
            fingerprint = what + _digest(f"{where}\0{twins[fingerprint]}", _WHERE_DIGITS)
        else:
            twins[fingerprint] = 0
        yield failure, fingerprint, place, pointed.field, message_of(failure) if message is None else message


def build_finding(
    rule: Rule, ref: ResourceRef, fingerprint: str, place: Place, field: str, message: str, fact: Fact | None = None
) -> Finding:
    """Return the finding of a failure of `rule` on the resource `ref` that was described.

    `fact` is what it is about, where that has more to say than the resource: a package, a flaw, a reason that it does not count.
    """
    return Finding(
        id=fingerprint,
        rule=rule.id,
        title=rule.title,
        severity=rule.severity,
        confidence=rule.confidence,
        layer=rule.layer,
        stages=rule.stages,
        practices=rule.practices,
        resource=ref,
        location=place.location,
        field=field,
        evidence=place.evidence,
        message=message,
        remediation=rule.remediation,
        frameworks=rule.maps,
        references=rule.references,
        snippet=place.snippet,
        package=fact.package or msgspec.UNSET if fact else msgspec.UNSET,
        vulnerability=fact.vulnerability or msgspec.UNSET if fact else msgspec.UNSET,
        suppressed=fact.suppressed if fact else None,
    )


def build_findings(failures: Iterable[Failure], relative: Callable[[str], str] = _same_path) -> list[Finding]:
    """Return the findings for `failures`, in the same order: what `describe` says of them, and what their rules say."""
    return [
        build_finding(
            failure.validation.rule, failure.fact.resource.ref, fingerprint, place, field, message, failure.fact
        )
        for failure, fingerprint, place, field, message in describe(failures, relative)
    ]


def _digest(text: str, digits: int) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=digits // 2).hexdigest()


def message_of(failure: Failure) -> str:
    """Return what `failure` says: the message expression's text, or the fixed message, or the rule's title.

    A text that is empty or has a line break is not shown, as the API server does not show it.
    """
    message = failure.validation.message
    if isinstance(message, str):
        return message
    try:
        text = message(failure.fact.value, failure.item, failure.parent)
    except CelError:
        return failure.validation.rule.title
    return text if isinstance(text, str) and text.strip() and "\n" not in text else failure.validation.rule.title


def explain_inconclusive(inconclusive: Iterable[Inconclusive]) -> list[Unscanned]:
    """Return what the gate must hear of verdicts that are neither pass nor fail, one entry a place and reason."""
    entries: set[Unscanned] = set()
    places = Places()
    for one in inconclusive:
        rule = one.validation.rule
        ref = one.fact.resource.ref
        place = places.find(one.fact, one.validation, one.indices).place.location
        unknown = one.verdict is Verdict.UNKNOWN
        state = "is unknown for" if unknown else "could not be evaluated on"
        why = (unknown and one.fact.doubt) or one.reason
        entries.add(
            Unscanned(path=f"{place.path}:{place.line}", reason=f"rule {rule.id} {state} {ref.kind}/{ref.name}: {why}")
        )
    return sorted(entries)


def urgency(finding: Finding) -> tuple[object, ...]:
    """Return the sort key of a report: most urgent first, then by place, then by rule.

    Among findings of one severity vulnerabilities come first: those that are exploited, then by EPSS, then by CVSS.
    """
    found = finding.vulnerability
    location = finding.location
    return (
        # One tuple serves all findings of a severity, so that comparing two of them compares one thing.
        _NO_VULNERABILITY[finding.severity] if found is msgspec.UNSET else _exploitation(finding.severity, found),
        location.path,
        location.line,
        location.column,
        finding.rule,
        finding.field,
        finding.message,
        finding.id,
    )


_NO_VULNERABILITY = {severity: (-severity.rank, 0, 0.0, 0.0) for severity in Severity}


def _exploitation(severity: Severity, found: Vulnerability) -> tuple[int, int, float, float]:
    return -severity.rank, -1 - found.kev, -(found.epss or 0.0), -(found.cvss or 0.0)
