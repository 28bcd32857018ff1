"""The VEX statements that a scan's findings amount to.

A scan knows that a version is affected and not whether the product is, so a finding becomes ``under_investigation``. Where
somebody suppressed it, it is ``affected`` with the reason as what is done about it: accepting a risk is not being
unaffected. Only where the suppression has a *justification* did a person say that the product is not affected, and then the
statement is ``not_affected`` with that justification, and the reason as the sentence that explains it.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Final

import msgspec

from seawall.formats.purl import parse
from seawall.model.finding import Finding, Suppressed
from seawall.model.vex import Justification, VexProduct, VexStatement, VexStatus

_ACCEPTED: Final = frozenset({"config", "annotation", "comment"})
"""Suppressions that are somebody's decision about this finding; a baseline decides nothing."""

_CAUTION: Final = (VexStatus.AFFECTED, VexStatus.UNDER_INVESTIGATION, VexStatus.NOT_AFFECTED)
"""Of several words on one flaw of one package the first of these counts: it claims the least."""

_WEAKEST_FIRST: Final = tuple(reversed(Justification))
"""Justifications from the one that claims the least (there are mitigations) to the most (the component is not there)."""


class _Said(msgspec.Struct):
    """What the findings about one flaw of one package in one product say together."""

    aliases: dict[str, None]
    statuses: set[VexStatus]
    justifications: set[Justification]
    reasons: dict[VexStatus, dict[str, None]]


def statements_of(
    findings: Iterable[Finding], *, at: datetime, author: str, product_of: Callable[[Finding], str] = lambda _: ""
) -> tuple[VexStatement, ...]:
    """Return the statements about the vulnerabilities of `findings`, sorted, each flaw and package in one of them.

    `product_of` gives the purl of the product that the finding's package is a part of; where that is empty the statement is
    about the package itself. The same package may be found in several places, of which one is suppressed and one is not: then
    the more cautious word counts for both, for a purl does not name the place.
    """
    said: dict[tuple[str, str, str], _Said] = {}
    for finding in findings:
        package, vulnerability = finding.package, finding.vulnerability
        if isinstance(package, msgspec.UnsetType) or isinstance(vulnerability, msgspec.UnsetType):
            continue
        suppressed = finding.suppressed
        if suppressed and suppressed.by == "vex":
            continue  # somebody has said it already, and it is theirs to say
        key = (vulnerability.id, product_of(finding), _common(package.purl))
        found = said.setdefault(key, _Said({}, set(), set(), {}))
        found.aliases |= dict.fromkeys(alias for alias in vulnerability.aliases if alias != vulnerability.id)
        status, justification = _status(suppressed)
        found.statuses.add(status)
        if justification:
            found.justifications.add(justification)
        if suppressed and status is not VexStatus.UNDER_INVESTIGATION:
            found.reasons.setdefault(status, {})[suppressed.reason] = None
    return _join(said, at, author)


def _common(purl: str) -> str:
    """Return the purl without its ``distro``, which every tool spells in its own way (``debian-12``, ``debian-12.5``), so that
    others find the package too. What a purl leaves out means any; the version says which distribution it is of.
    """
    read = parse(purl)
    qualifiers = {key: value for key, value in read.qualifiers if key != "distro"}
    return (
        purl
        if len(qualifiers) == len(read.qualifiers)
        else str(msgspec.structs.replace(read, qualifiers=tuple(qualifiers.items())))
    )


def _status(suppressed: Suppressed | None) -> tuple[VexStatus, Justification | None]:
    if suppressed is None or suppressed.by not in _ACCEPTED:
        return VexStatus.UNDER_INVESTIGATION, None
    if suppressed.justification:
        return VexStatus.NOT_AFFECTED, Justification(suppressed.justification)
    return VexStatus.AFFECTED, None


def _join(said: dict[tuple[str, str, str], _Said], at: datetime, author: str) -> tuple[VexStatement, ...]:
    """Return one statement for all packages of which the same is said about the same flaw."""
    packages: dict[tuple[str, VexStatus, str, str], dict[str, list[str]]] = {}
    aliases: dict[tuple[str, VexStatus, str, str], dict[str, None]] = {}
    for (flaw, product, purl), found in said.items():
        status = next(word for word in _CAUTION if word in found.statuses)
        weakest = next((word for word in _WEAKEST_FIRST if word in found.justifications), None)
        justification = weakest.value if weakest and status is VexStatus.NOT_AFFECTED else ""
        key = (flaw, status, justification, "\n".join(sorted(found.reasons.get(status, {}))))
        packages.setdefault(key, {}).setdefault(product, []).append(purl)
        aliases.setdefault(key, {}).update(found.aliases)
    return tuple(
        VexStatement(
            vulnerability=flaw,
            aliases=tuple(sorted(aliases[flaw, status, justification, reason])),
            status=status,
            products=_products(packages[flaw, status, justification, reason]),
            timestamp=at,
            justification=Justification(justification) if justification else None,
            impact=reason if status is VexStatus.NOT_AFFECTED else "",
            action=reason if status is VexStatus.AFFECTED else "",
            author=author,
        )
        for flaw, status, justification, reason in sorted(packages)
    )


def _products(parts: dict[str, list[str]]) -> tuple[VexProduct, ...]:
    found: Sequence[VexProduct] = [
        VexProduct(product, tuple(sorted(purls))) for product, purls in parts.items() if product
    ]
    return tuple(sorted([*found, *(VexProduct(purl) for purl in parts.get("", ()))]))
