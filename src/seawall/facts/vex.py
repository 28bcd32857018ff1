"""What VEX statements make of vulnerabilities: which do not count, and what is said of the others.

    outcome = apply(statements, vulnerabilities, products=("pkg:oci/app@sha256%3A…",))
    outcome.kept, outcome.dismissed, outcome.unused

A statement is about a vulnerability when it shares a name with it (CVE, GHSA, any alias) and names its package: by the purl of
the package, where what the purl leaves out means any (version, qualifiers); or by the purl of the product that holds the
package (one of `products`, or what requires it), alone or with the package among its subcomponents. Of several the latest
counts. An image is named by its digest where both
purls have one.

``not_affected`` and ``fixed`` dismiss the vulnerability; ``fixed`` only where it names the version that has the fix, for no
vulnerability is fixed in all versions. The others leave it, and are told with it.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

import msgspec

from seawall.formats.purl import Purl, PurlError, parse
from seawall.model.vex import VexProduct, VexStatement, VexStatus
from seawall.model.vulnerability import Vulnerability


class Judged(msgspec.Struct, frozen=True):
    """A vulnerability, and the statement that is the latest about it, None where nobody said anything."""

    vulnerability: Vulnerability
    statement: VexStatement | None = None


class VexOutcome(msgspec.Struct, frozen=True):
    """`kept` and `dismissed` vulnerabilities in the order in which they came; `unused` are statements that were about none of
    them.
    """

    kept: tuple[Judged, ...] = ()
    dismissed: tuple[Judged, ...] = ()
    unused: tuple[VexStatement, ...] = ()


def apply(
    statements: Sequence[VexStatement], vulnerabilities: Iterable[Vulnerability], *, products: Sequence[str] = ()
) -> VexOutcome:
    """Return what becomes of `vulnerabilities`. `products` are the purls of what was scanned, where it has any."""
    by_name: dict[str, list[tuple[int, VexStatement]]] = defaultdict(list)
    for number, statement in enumerate(statements):
        for name in {name.casefold() for name in statement.names}:
            by_name[name].append((number, statement))
    used: set[int] = set()
    kept: list[Judged] = []
    dismissed: list[Judged] = []
    for found in vulnerabilities:
        about = {
            number: statement
            for name in {name.casefold() for name in found.names}
            for number, statement in by_name.get(name, ())
            if _is_about(statement, found, products)
        }
        used |= about.keys()
        latest = max(about.items(), key=lambda item: (item[1].timestamp, item[0]), default=None)
        judged = Judged(found, latest[1] if latest else None)
        (dismissed if latest and _dismisses(latest[1], found, products) else kept).append(judged)
    unused = tuple(statement for number, statement in enumerate(statements) if number not in used)
    return VexOutcome(tuple(kept), tuple(dismissed), unused)


def _dismisses(statement: VexStatement, found: Vulnerability, products: Sequence[str]) -> bool:
    if statement.status is VexStatus.FIXED:
        return any(_has_version(product) for product in statement.products if _names(product, found, products))
    return statement.status is VexStatus.NOT_AFFECTED


def _has_version(product: VexProduct) -> bool:
    return any(found is not None and found.version for found in map(_read, (product.purl, *product.subcomponents)))


def _is_about(statement: VexStatement, found: Vulnerability, products: Sequence[str]) -> bool:
    return any(_names(product, found, products) for product in statement.products)


def _names(product: VexProduct, found: Vulnerability, products: Sequence[str]) -> bool:
    """Whether the product, or a subcomponent in it, is the package of the vulnerability."""
    package = found.package
    if not product.subcomponents and _covers(product.purl, package.purl):
        return True
    inside = not product.subcomponents or any(_covers(part, package.purl) for part in product.subcomponents)
    return inside and any(_covers(product.purl, holder) for holder in (*products, *package.parents))


def _covers(stated: str, actual: str) -> bool:
    """Whether `actual` is one of those that the purl `stated` means."""
    wanted, is_ = _read(stated), _read(actual)
    if wanted is None or is_ is None:
        return False
    if wanted.type == is_.type == "oci" and wanted.version and is_.version:
        # The digest names the bytes, whatever they are called and wherever they lie.
        return wanted.version == is_.version
    return (
        (wanted.type, wanted.namespace, wanted.name) == (is_.type, is_.namespace, is_.name)
        and wanted.version in ("", is_.version)
        and wanted.subpath in ("", is_.subpath)
        and set(wanted.qualifiers) <= set(is_.qualifiers)
    )


def _read(purl: str) -> Purl | None:
    try:
        return parse(purl)
    except PurlError:
        return None
